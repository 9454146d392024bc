import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { CliCommand, ExitCode } from '../../src/cli/framework/command.ts';
import { dispatch } from '../../src/cli/framework/dispatch.ts';
import { readBlock } from '../../src/config/target-config.ts';
import { LivenessError, type ErrorCode } from '../../src/errors.ts';
import { AppSeries } from '../../src/history/series/app-series.ts';
import { decodeHistory } from '../../src/history/series/history-file.ts';
import { IncidentRecorder } from '../../src/history/incident-recorder.ts';
import { statusDocument } from '../../src/report/status.ts';
import type { TargetView } from '../../src/report/view.ts';
import { appKey } from '../../src/store/app-memory.ts';
import { parseDocument } from '../../src/store/document.ts';
import { Journal } from '../../src/store/journal.ts';
import { Store } from '../../src/store/store.ts';
import { figuresOf, unknownUptime } from '../../src/uptime/figures.ts';
import { systemClock as clock } from '../../src/time/clock.ts';
import { FakeIo } from '../cli/io.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Driver, fail, OK } from '../support/verdict-driver.ts';
import { missingIn, type Json } from './shape.ts';

// Written by e7e0552 under a real PM2: `web` was hung twice and then paused, `api` answers 500 and is open.
const FIXTURES = new URL('fixtures', import.meta.url).pathname;

function jsonOf(text: string): Json {
  return JSON.parse(text) as Json; // as: any JSON
}

function linesOf(path: string): Json[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n').map(jsonOf);
}

function savedAt(): { readonly wall: number; readonly machine: number } {
  const document = parseDocument(readFileSync(join(FIXTURES, 'state.json'), 'utf8'));
  assert.ok(typeof document !== 'string', 'state.json cannot be read');
  return document.savedAt;
}

const read = readBlock({ http: 'http://127.0.0.1:3000/' }, {});
assert.ok(read.ok);
const { config } = read;

/** The view of an app that was restarted once and has failed again, which has all that can be shown. */
function viewOf(driver: Driver): TargetView {
  return {
    name: 'web',
    pmId: 0,
    pid: 1,
    instance: 0,
    config,
    verdict: driver.verdict,
    last: { ...fail('status'), at: driver.now, durationMs: 1 },
    restartsTotal: 1,
    uptime: unknownUptime(0),
    errorLog: null,
  };
}

describe('the files of the build before', () => {
  let dir: string;

  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'pl-compat-'));
    for (const file of ['state.json', 'incidents.jsonl']) {
      cpSync(join(FIXTURES, file), join(dir, file));
    }
  });

  after(() => rmSync(dir, { recursive: true, force: true }));

  test('give budget, pause, breaker, incident and uptime back, and are written with all their keys', async () => {
    // A second after it was saved, whenever this runs: an app not seen for a month is forgotten.
    const { wall, machine } = savedAt();
    const then = { ...clock, wall: () => wall + 1_000 };
    const { store, warning } = await Store.open({ dir, clock: then, machine: () => machine + 1e3 });
    assert.equal(warning, null);
    const web = store.get(appKey('web', 0));
    assert.equal(web?.memory.budget.length, 2);
    assert.equal(web?.memory.backoff.restarts, 2);
    assert.equal(web?.pausedUntil, Number.POSITIVE_INFINITY);
    assert.match(web?.answered ?? '', /^0:\d+:\d+$/);
    assert.ok(web?.uptime);
    const { restarts, incidents, meanTimeToRecoverMs } = figuresOf(web.uptime, 1e15, clock.now());
    assert.deepEqual([restarts, incidents, meanTimeToRecoverMs], [2, 2, 9_063]);
    const api = store.get(appKey('api', 0));
    assert.equal(api?.memory.restartsSinceOk, 2);
    assert.equal(api?.memory.cooldownMs, 900_000);
    assert.notEqual(api?.openUntil, null);
    assert.equal(api?.pausedUntil, null);
    assert.equal(api?.incident?.cause, 'timeout');
    assert.equal(api?.incident?.restarts, 2);
    store.scheduleSave();
    assert.equal(await store.saveNow(), true);
    const old = jsonOf(readFileSync(join(FIXTURES, 'state.json'), 'utf8'));
    const now = jsonOf(readFileSync(join(dir, 'state.json'), 'utf8'));
    assert.deepEqual(missingIn(now, old), []);
    await store.abandon();
  });

  test('list every entry of the journal as it is', async () => {
    const { journal, lines, warning } = await Journal.open({ dir, clock });
    assert.equal(warning, null);
    assert.deepEqual(lines, linesOf(join(FIXTURES, 'incidents.jsonl')));
    await journal.abandon();
  });

  test('have no key that an entry of the journal lacks now', async () => {
    const folder = mkdtempSync(join(dir, 'journal-'));
    const log = { line: () => undefined };
    const readTail = async () => ({ writtenAt: 0, lines: ['an error'] });
    const recorder = await IncidentRecorder.open({ dir: folder, clock, log, readTail });
    const driver = new Driver();
    const report = (): void => {
      const view = { ...viewOf(driver), errorLog: 'error.log' };
      const decisions = driver.decisions.splice(0);
      for (const decision of decisions) recorder.onEvent({ type: 'decision', view, decision });
    };
    driver.comesOnline().answers(OK, fail('timeout'), fail('timeout'), fail('timeout'));
    report();
    const order = {
      pmId: 0,
      name: 'web',
      method: 'restart',
      incarnation: 'x',
      orphan: [],
    } as const;
    const execution = { result: 'done', detail: 'restarted' } as const;
    const view = viewOf(driver);
    recorder.onEvent({ type: 'executed', view, order, execution, isRepeated: false });
    driver.restarted();
    report();
    driver.answers(OK);
    report();
    await recorder.close();
    const written = linesOf(join(folder, 'incidents.jsonl')) as { event: string }[];
    for (const old of linesOf(join(FIXTURES, 'incidents.jsonl')) as { event: string }[]) {
      const now = written.findLast(({ event }) => event === old.event);
      assert.ok(now, old.event);
      assert.deepEqual(missingIn(now, old), [], old.event);
    }
  });

  test('have no key in the status document that is missing now', () => {
    const driver = new Driver().comesOnline();
    driver.answers(OK, fail('status'), fail('status'), fail('status')).restarted();
    driver.answers(fail('status'));
    assert.notEqual(driver.verdict.incident, null);
    const leading = { unfit: null, history: { isKept: true, why: null }, unwatched: ['api'] };
    const facts = { version: '0.1.0', pid: 1, beganAt: 0, leading, problems: [] };
    const now = statusDocument(facts, [viewOf(driver)], [], new FakeClock());
    const old = jsonOf(readFileSync(join(FIXTURES, 'status.json'), 'utf8'));
    assert.deepEqual(missingIn(jsonOf(JSON.stringify(now)), old), []);
  });
});

describe('the exit codes of the build before', () => {
  /** As in e7e0552; any other error ended with 1. */
  const CODES: [ErrorCode, ExitCode][] = [
    ['ERR_USAGE', 2],
    ['ERR_CONFIG', 2],
    ['ERR_NO_MONITOR', 3],
    ['ERR_PM2_UNAVAILABLE', 3],
    ['ERR_PM2_TIMEOUT', 3],
    ['ERR_PM2_FAILED', 1],
    ['ERR_MONITOR', 1],
    ['ERR_STORE', 1],
  ];
  for (const [code, exit] of CODES) {
    test(`${code} gives exit code ${exit}`, async () => {
      const failing: CliCommand = {
        name: 'fail',
        summary: 'fail',
        arguments: [],
        options: {},
        examples: [],
        run: () => Promise.reject(new LivenessError(code, 'out of luck')),
      };
      assert.equal(await dispatch([failing], ['fail'], new FakeIo()), exit);
    });
  }

  test('a mistyped command gives exit code 2, help and version 0', async () => {
    assert.equal(await dispatch([], ['frobnicate'], new FakeIo()), 2);
    assert.equal(await dispatch([], ['--help'], new FakeIo()), 0);
    assert.equal(await dispatch([], ['--version'], new FakeIo()), 0);
  });
});

// Written by 582e363 under a real PM2: `web` was hung for 9.4 s in its second minute.
test('a history that the first version wrote gives the same minutes', () => {
  const file = decodeHistory(readFileSync(join(FIXTURES, 'web.history')));
  assert.ok(typeof file !== 'string', 'it cannot be read');
  assert.deepEqual([file.name, file.instance, file.isWhole], ['web', 0, true]);
  const { filledTo, buckets } = file;
  const series = new AppSeries(file, buckets, () => ({ now: filledTo, filledTo }));
  const minutes = series.series('1m').filter(({ checks }) => checks > 0);
  assert.deepEqual(
    minutes.map(({ upMs, downMs, unobservedMs, checks }) => [upMs, downMs, unobservedMs, checks]),
    [
      [20_475, 0, 39_525, 10],
      [50_588, 9_412, 0, 29],
      [53_563, 0, 6_437, 27],
    ],
  );
});
