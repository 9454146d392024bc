import { counter, type Family, type Point } from './family.ts';
import { withWord } from './label-text.ts';
import { probeLabelsOf, type MeteredTarget } from './metered-target.ts';
import type { Counts, Tally } from './tally.ts';

const ZERO_CAUSES: readonly (readonly [string, number])[] = ['crash', 'exit', 'memory'].map(
  (cause) => [cause, 0],
);

/** What was counted of the targets since `since`, epoch milliseconds. */
export function targetCounters(targets: readonly MeteredTarget[], since: number): Family[] {
  const byWord = (label: string, countsOf: (tally: Tally) => Counts<string>): Point[] =>
    targets.flatMap(({ tally }) =>
      [...countsOf(tally)].map(([word, value]) => {
        return { labels: withWord(tally.labels, label, word), value };
      }),
    );
  return [
    durationsOf(targets, since),
    counter(
      'probe_failures',
      'Probes that failed, by class.',
      since,
      byWord('class', ({ failures }) => failures),
    ),
    counter(
      'restarts',
      'Restarts of ours, by what came of them.',
      since,
      // From 0 on, so that the first one is an increase.
      byWord('result', ({ restarts }) => new Map([['done', 0], ['failed', 0], ...restarts])),
    ),
    counter(
      'pm2_restarts',
      'Restarts under PM2, ours too, by cause.',
      since,
      // The causes that a rule asks for are there from 0 on too.
      byWord('cause', ({ pm2Restarts }) => new Map([...ZERO_CAUSES, ...pm2Restarts])),
    ),
    counter(
      'incidents',
      'Incidents that were opened, by cause.',
      since,
      byWord('class', ({ incidents }) => incidents),
    ),
    ...timesOf(targets, since),
  ];
}

function durationsOf(targets: readonly MeteredTarget[], createdAt: number): Family {
  return {
    name: 'pm2_liveness_probe_duration_seconds',
    help: 'How long a probe took, answered well or not.',
    type: 'histogram',
    createdAt,
    points: targets.map((target) => ({
      labels: probeLabelsOf(target),
      ...target.tally.durations(),
    })),
  };
}

function timesOf(targets: readonly MeteredTarget[], since: number): Family[] {
  const seconds = (msOf: (tally: Tally) => number): Point[] =>
    targets.map(({ tally }) => ({ labels: tally.labels, value: msOf(tally) / 1_000 }));
  const down = seconds(({ downMs }) => downMs);
  const observed = seconds(({ observedMs }) => observedMs);
  return [
    counter('down_seconds', 'Time in which the app was seen down.', since, down),
    counter(
      'observed_seconds',
      'Time in which somebody could say whether the app was up.',
      since,
      observed,
    ),
  ];
}
