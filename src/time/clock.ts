import type { LightAbortSignal } from './light-abort.ts';

/** Time as an interface, so that tests can step it by hand. */
export interface Clock {
  /** Monotonic milliseconds: a clock that never jumps; its zero has no meaning. */
  now(): number;
  /** Wall milliseconds since the epoch; may jump. For people, never for decisions. */
  wall(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts; never rejects and never leaks a timer. */
  sleep(ms: number, signal?: LightAbortSignal): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      signal?.addEventListener('abort', finish, { once: true });
    });
  },
};
