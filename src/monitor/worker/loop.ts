import type { Clock } from '../../time/clock.ts';
import type { Gate } from '../gate.ts';
import { WakeableSleep } from '../../time/wakeable-sleep.ts';

/** The round that a loop runs again and again. */
interface Round {
  /** Never rejects. */
  run(): Promise<void>;
  /** The time from the start of the last round to the start of the next. */
  intervalMs(): number;
}

/** Runs the rounds of one target one after the other, each when it is due and the gate lets it begin. */
export class Loop {
  readonly #clock: Clock;
  readonly #gate: Gate;
  readonly #round: Round;
  readonly #wait = new WakeableSleep();
  #isStopping = false;
  #running: Promise<void> | null = null;

  constructor({ clock, gate }: { readonly clock: Clock; readonly gate: Gate }, round: Round) {
    this.#clock = clock;
    this.#gate = gate;
    this.#round = round;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Idempotent. */
  start(inMs: number): void {
    this.#running ??= this.#run(inMs);
  }

  /** Makes the next round due now. */
  wake(): void {
    this.#wait.wake();
  }

  /** Stops the loop; resolves when the present round is over. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wait.wake();
    await this.#running;
  }

  async #run(inMs: number): Promise<void> {
    if (inMs > 0) await this.#wait.sleep(inMs, this.#clock);
    while (!this.#isStopping) {
      const turn = this.#gate.enter();
      if (turn !== null) await turn;
      if (this.#isStopping) return;
      const beganAt = this.#clock.now();
      await this.#round.run();
      if (this.#isStopping) return;
      const dueAt = beganAt + this.#round.intervalMs();
      await this.#wait.sleep(dueAt - this.#clock.now(), this.#clock);
    }
  }
}
