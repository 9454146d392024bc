import type { BusyThread, ProcessIdentity } from './os-reader.ts';

/** A process whose main thread has not come back to its event loop, by the newest look; it listens on `port`. */
export interface BusyProcess extends ProcessIdentity, Pick<BusyThread, 'sleeps' | 'waiting'> {
  readonly port: number;
}

/** What shows a turn of the event loop between two looks at a thread. */
type Turns = Pick<BusyThread, 'birth' | 'sleeps' | 'waiting'>;

/** True where nothing shows a turn of the event loop from one look to the next. */
export function hasNotTurned(before: Turns, now: Turns): boolean {
  return (
    before.birth === now.birth && before.sleeps === now.sleeps && before.waiting <= now.waiting
  );
}
