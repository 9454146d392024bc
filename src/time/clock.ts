import type { LightAbortSignal } from './light-abort.ts';

/** Time as a port, so that logic can be stepped by hand in tests. */
export interface Clock {
  /** Milliseconds on a clock that never jumps; its zero means nothing. */
  now(): number;
  /** Milliseconds since the epoch; may jump. For people to read, never for decisions. */
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
