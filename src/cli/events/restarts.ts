import type { JournalLine } from '../../store/journal-line.ts';
import type { KeptRestart } from '../../store/kept-restarts.ts';

/** A line of the journal, or a restart under PM2, of which the journal has none. */
export type EventLine = Omit<JournalLine, 'event'> & {
  readonly event: JournalLine['event'] | 'restart';
  /** With `restart`: who or what restarted the app. */
  readonly cause?: string;
};

/** A restart of ours is in the journal within this time of its incarnation's start. */
const OURS_MS = 120_000;

/** The journal with the restarts under PM2 between its lines; our own stand in it already. */
export function mergeRestarts(
  lines: readonly JournalLine[],
  restarts: readonly KeptRestart[],
): readonly EventLine[] {
  const acted = lines.filter(({ event }) => event === 'acted');
  const isWritten = ({ app, instance, at }: KeptRestart): boolean =>
    acted.some(
      (line) =>
        line.app === app &&
        line.instance === instance &&
        Math.abs(Date.parse(line.at) - at) <= OURS_MS,
    );
  const others = restarts.filter((each) => each.cause !== 'us' || !isWritten(each)).map(lineOf);
  return [...lines, ...others]
    .map((line) => ({ line, at: Date.parse(line.at) }))
    .sort((one, other) => one.at - other.at)
    .map(({ line }) => line);
}

function lineOf({ app, instance, at, cause, detail, count }: KeptRestart): EventLine {
  const text = count === 1 ? detail : `${count} restarts, ${detail}`;
  const line = { schemaVersion: 1, at: new Date(at).toISOString(), app, instance } as const;
  return { ...line, incident: '', event: 'restart', text, cause };
}
