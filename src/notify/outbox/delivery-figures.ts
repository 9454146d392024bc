import type { SendResult } from '../channel/channel.ts';

/** What a delivery says of itself. */
export interface DeliveryStatus {
  readonly waiting: number;
  readonly sent: number;
  readonly failed: number;
  /** Why the last attempt failed, or what its sink did not take of it; null where all went well. */
  readonly problem: string | null;
  /** Wall milliseconds; null where nothing was sent yet. */
  readonly lastSentAt: number | null;
}

/** Counts what came of the attempts of one channel. */
export class DeliveryFigures {
  #sent = 0;
  #failed = 0;
  #problem: string | null = null;
  #lastSentAt: number | null = null;

  /** `now` in wall milliseconds. */
  count(result: SendResult, now: number): void {
    if (result.kind === 'sent') {
      this.#sent += 1;
      this.#problem = result.warning ?? null;
      this.#lastSentAt = now;
    } else {
      this.#failed += 1;
      this.#problem = result.reason;
    }
  }

  status(waiting: number): DeliveryStatus {
    return {
      waiting,
      sent: this.#sent,
      failed: this.#failed,
      problem: this.#problem,
      lastSentAt: this.#lastSentAt,
    };
  }
}
