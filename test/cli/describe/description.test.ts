import assert from 'node:assert/strict';
import { test } from 'node:test';
import { descriptionOf } from '../../../src/cli/describe/description.ts';
import { styleFor } from '../../../src/cli/framework/style.ts';
import { readBlock } from '../../../src/config/target-config.ts';
import type { Sample } from '../../../src/probe/probe.ts';
import { targetStatus } from '../../../src/report/status.ts';
import { unknownUptime } from '../../../src/uptime/figures.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { Driver, OK, policyOf } from '../../support/verdict-driver.ts';

const style = styleFor(false, { noColor: true, forceColor: false }, false);
const read = readBlock({ http: 'http://127.0.0.1:1/' }, {});
assert.ok(read.ok);
const { config } = read;

function linesOf(last: Sample): string[] {
  const { verdict } = new Driver(policyOf()).comesOnline(1e6).answers(OK);
  const view = { name: 'web', pmId: 0, pid: 1, instance: 0, config, verdict, last };
  const more = { restartsTotal: 0, uptime: unknownUptime(0), errorLog: null };
  const target = targetStatus({ ...view, ...more }, new FakeClock());
  return descriptionOf({ target, port: null, trail: [] }, { style, columns: 200, wall: 0 });
}

test('a description shows how long each stage of the last probe took', () => {
  const timings = { resolveMs: 1.2, connectMs: 2.4, tlsMs: 8, firstByteMs: 31.3, transferMs: 1.6 };
  const lines = linesOf({ kind: 'ok', detail: 'answered 200', at: 0, durationMs: 45, timings });
  const wanted =
    '  Timing     resolve 1 ms, connect 2 ms, tls 8 ms, first byte 31 ms, transfer 2 ms';
  assert.ok(lines.includes(wanted), lines.join('\n'));
});

test('and says nothing of it where the probe has no stages', () => {
  const lines = linesOf({ kind: 'ok', detail: 'exit code 0', at: 0, durationMs: 45 });
  assert.ok(!lines.some((line) => line.includes('Timing')), lines.join('\n'));
});
