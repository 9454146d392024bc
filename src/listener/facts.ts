import type { HistoryReader } from '../history/series/history.ts';
import type { StatusDocument } from '../report/status.ts';
import type { TargetView } from '../report/view.ts';
import type { Format } from './metrics/exposition.ts';
import type { Clock } from '../time/clock.ts';
import type { KnownIncident } from './incident-reader.ts';

/** All that the routes show. Each call reads it again. */
export interface ListenerFacts {
  readonly clock: Clock;
  /** The status document without absolute paths, at most a fifth of a second old. */
  status(): StatusDocument;
  views(): readonly TargetView[];
  /** All targets of an app; empty for a name that is not watched. */
  viewsOf(name: string): readonly TargetView[];
  /** True once PM2's list was read: before that nothing is known. */
  hasLooked(): boolean;
  /** The text of `/metrics`. */
  metrics(format: Format): string;
  /** Newest first; the same array while nothing has changed. Never rejects. */
  incidents(): Promise<readonly KnownIncident[]>;
  /** Why the monitor cannot judge now; null while it can. */
  unfit(): string | null;
  /** Absent where none is kept. */
  readonly history?: HistoryReader;
}
