import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBlock } from '../../src/config/target-config.ts';
import { descriptionOf } from '../../src/cli/describe/description.ts';
import { dispatch } from '../../src/cli/framework/dispatch.ts';
import { findingLines } from '../../src/cli/doctor/finding-lines.ts';
import { eventLines } from '../../src/cli/events/lines.ts';
import { statusLines } from '../../src/cli/status/lines.ts';
import { styleFor } from '../../src/cli/framework/style.ts';
import { tableLines } from '../../src/cli/framework/table.ts';
import { LivenessError } from '../../src/errors.ts';
import { logDecision, type Log } from '../../src/report/log.ts';
import { labelOf } from '../../src/report/metrics.ts';
import { statusDocument } from '../../src/report/status.ts';
import type { TargetView } from '../../src/report/view.ts';
import type { JournalLine } from '../../src/store/journal-line.ts';
import { unknownUptime } from '../../src/uptime/figures.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Driver, fail, OK, policyOf } from '../support/verdict-driver.ts';
import { FakeIo } from './io.ts';

const EVIL = 'w\u001B[31m\u001B]0;t\u0007e\nb\u009B2J\u202E\u2028';
const CLEAN = 'w\uFFFD\uFFFDe b\uFFFD\uFFFD ';
const page = {
  style: styleFor(false, { noColor: true, forceColor: false }, false),
  columns: 200,
  wall: 0,
};

const read = readBlock({ tcp: '127.0.0.1:1' }, {});
assert.ok(read.ok);
const { config } = read;

function evilView(): TargetView {
  const driver = new Driver(policyOf()).comesOnline(1e6).answers(OK, fail('refused'));
  const last = { ...fail('refused'), at: driver.now, durationMs: 1, detail: EVIL };
  return {
    name: EVIL,
    pmId: 0,
    pid: 1,
    instance: 0,
    config,
    verdict: driver.verdict,
    last,
    restartsTotal: 0,
    uptime: unknownUptime(0),
    errorLog: null,
  };
}

const document = statusDocument(
  { version: '1', pid: 1, beganAt: 0, problems: [EVIL], leading: null },
  [evilView()],
  [],
  new FakeClock(),
);

/** Nothing in any line is obeyed, and the name is there, cleaned. */
function assertHarmless(lines: readonly string[]): void {
  for (const line of lines) {
    assert.doesNotMatch(line, /[\p{Cc}\u202E\u2028]/u, JSON.stringify(line));
  }
  assert.ok(
    lines.some((line) => line.includes(CLEAN.trimEnd())),
    lines.join('\n'),
  );
}

describe('what others have named and written is cleaned', () => {
  test('in status and describe', () => {
    const [target] = document.targets;
    assert.ok(target);
    assertHarmless(statusLines({ ...document, problems: [] }, page));
    assertHarmless(descriptionOf({ target, port: EVIL, trail: [] }, page));
  });

  test('in events', () => {
    const line: JournalLine = {
      schemaVersion: 1,
      at: new Date(0).toISOString(),
      app: EVIL,
      instance: 0,
      incident: 'a',
      event: 'opened',
      text: EVIL,
    };
    const lines = eventLines({ line, count: 1, overMs: 0 }, page);
    assert.equal(lines.length, 1);
    assertHarmless(lines);
  });

  test('in what the doctor finds, and in tables', () => {
    assertHarmless(findingLines([{ check: 'x', state: 'bad', what: EVIL, fix: EVIL }], page));
    assertHarmless(tableLines([[{ text: EVIL }, { text: 'x' }]], 80));
  });

  test('in an error, and in a command that is none', async () => {
    const io = new FakeIo();
    const failing = {
      name: 'fail',
      summary: '',
      arguments: [],
      options: {},
      examples: [],
      async run(): Promise<never> {
        throw new LivenessError('ERR_USAGE', `no app is called '${EVIL}'`);
      },
    };
    await dispatch([failing], ['fail'], io);
    await dispatch([failing], [EVIL], io);
    assert.equal(io.errLines.length, 2);
    assertHarmless(io.errLines);
  });

  test('in the log of the monitor', () => {
    const said: string[] = [];
    const log: Log = { line: (_, message) => said.push(message) };
    const view = evilView();
    logDecision(log, view, labelOf(view), { type: 'transition', from: 'healthy', to: 'failing' });
    assert.equal(said.length, 1);
    assertHarmless(said);
  });
});
