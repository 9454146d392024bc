import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeTimings, Sample } from '../../src/probe/probe.ts';
import { timingsOf, timingsText } from '../../src/report/last-sample.ts';

const sample = (timings?: ProbeTimings): Sample => ({
  kind: 'ok',
  detail: 'answered 200',
  at: 0,
  durationMs: 44,
  ...(timings && { timings }),
});

test('the timings of a probe are one short line of the stages that took place, in their order', () => {
  const all = { transferMs: 2, firstByteMs: 30.96, tlsMs: 8.04, connectMs: 1.9, resolveMs: 0.62 };
  const { timings } = timingsOf(sample(all));
  assert.deepEqual(timings, {
    resolveMs: 0.6,
    connectMs: 1.9,
    tlsMs: 8,
    firstByteMs: 31,
    transferMs: 2,
  });
  assert.equal(
    timingsText(timings),
    'resolve <1 ms, connect 2 ms, tls 8 ms, first byte 31 ms, transfer 2 ms',
  );
  assert.equal(timingsText({ connectMs: 3 }), 'connect 3 ms');
});

test('a probe that reached no stage, or has none, shows no timings', () => {
  const unknown: Sample = { kind: 'unknown', cause: 'dns', detail: '-', at: 0, durationMs: 0 };
  for (const each of [sample(), sample({}), unknown]) assert.deepEqual(timingsOf(each), {});
  assert.equal(timingsText(undefined), '');
});
