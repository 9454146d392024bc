import type { LightAbortSignal } from '../../time/light-abort.ts';
import { SEND_MS, type SendResult } from './channel.ts';

/** The end of a send: SEND_MS from now, or when `signal` aborts. */
export class SendDeadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #outer: LightAbortSignal;
  readonly #stop = (): void => this.#controller.abort();

  constructor(signal: LightAbortSignal, timeoutMs = SEND_MS) {
    this.#outer = signal;
    this.#timer = setTimeout(this.#stop, timeoutMs);
    signal.addEventListener('abort', this.#stop, { once: true });
    if (signal.aborted) this.#stop();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The value of a promise; `late` after the deadline. */
  race<Value>(promise: Promise<Value>): Promise<Value | 'late'> {
    const late = new Promise<'late'>((resolve) => {
      this.signal.addEventListener('abort', () => resolve('late'), { once: true });
      if (this.signal.aborted) resolve('late');
    });
    return Promise.race([promise, late]);
  }

  /** What a message is that was not sent in time; `what` happened then. */
  result(what: string): SendResult {
    const reason = this.#outer.aborted ? 'stopped by the monitor' : what;
    return { kind: 'retry', reason, retryAfterMs: null };
  }

  /** Idempotent; call it when the send is over. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#stop);
  }
}
