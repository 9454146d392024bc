import type { Clock } from '../../time/clock.ts';
import { WakeableSleep } from '../../time/wakeable-sleep.ts';

/** Between two looks. */
const LOOK_MS = 1_000;

/** Looks again and again whether something has changed, only while the app is given up. */
export class ChangeLoop {
  readonly #clock: Clock;
  readonly #look: (isFirst: boolean) => Promise<void>;
  readonly #wait = new WakeableSleep();
  #isOn = false;
  #isFirst = false;
  #running: Promise<void> | null = null;

  /** `look` hears whether it is the first since the loop was last switched on. It must not reject. */
  constructor(clock: Clock, look: (isFirst: boolean) => Promise<void>) {
    this.#clock = clock;
    this.#look = look;
  }

  /** Idempotent, and costs nothing where nothing changes. */
  follow(isOn: boolean): void {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    this.#isFirst = isOn;
    if (isOn) this.#running ??= this.#run();
    else this.#wait.wake();
  }

  /** Resolves when the look under way is over. */
  async stop(): Promise<void> {
    this.follow(false);
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isOn) {
      const isFirst = this.#isFirst;
      this.#isFirst = false;
      await this.#look(isFirst);
      if (this.#isOn) await this.#wait.sleep(LOOK_MS, this.#clock);
    }
    this.#running = null;
  }
}
