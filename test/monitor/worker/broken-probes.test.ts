import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokenProbes } from '../../../src/monitor/worker/broken-probes.ts';
import { logEvents, type WorkerEvent } from '../../../src/report/worker-events.ts';
import type { Outcome, Sample } from '../../../src/probe/probe.ts';

const sampleOf = (outcome: Outcome): Sample => ({ at: 0, durationMs: 1, ...outcome });
const broken = sampleOf({ kind: 'unknown', cause: 'broken-probe', detail: 'it threw' });
const good = sampleOf({ kind: 'ok', detail: 'answered 200' });
const other = sampleOf({ kind: 'unknown', cause: 'dns', detail: 'no name' });

/** At which of these samples something is reported. */
function toldAt(samples: readonly Sample[]): number[] {
  const probes = new BrokenProbes();
  return samples.flatMap((sample, at) => (probes.isToBeTold(sample) ? [at + 1] : []));
}

/** The one event that is logged here. */
type BrokenProbesEvent = Extract<WorkerEvent, { readonly type: 'brokenProbes' }>;

test('ten broken probes in a row are reported once, no matter how many follow', () => {
  assert.deepEqual(toldAt(Array.from({ length: 9 }, () => broken)), []);
  assert.deepEqual(toldAt(Array.from({ length: 100 }, () => broken)), [10]);
});

test('anything else begins a new row', () => {
  const nine = Array.from({ length: 9 }, () => broken);
  assert.deepEqual(toldAt([...nine, good, ...nine, other, ...nine]), []);
  assert.deepEqual(toldAt([...nine, broken, good, ...nine, broken]), [10, 21]);
});

test('the line names the app and the cause', () => {
  const lines: string[] = [];
  const log = { line: (level: string, message: string) => lines.push(`${level} ${message}`) };
  const view = { name: 'web', instance: 0, pmId: 3, pid: 7 };
  const detail = 'the probe is broken: \u001B[2Joops';
  // as: the line needs no more of the view
  logEvents(log)({ type: 'brokenProbes', view, detail } as unknown as BrokenProbesEvent);
  assert.match(
    lines.join('\n'),
    /^error web.*: 10 checks in a row gave no result: the probe is broken: .*oops$/,
  );
  assert.doesNotMatch(lines.join('\n'), /\p{Cc}/u);
});
