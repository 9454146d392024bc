import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readBlock } from '../../src/config/target-config.ts';
import { StateRecorder } from '../../src/history/state-recorder.ts';
import type { TargetView } from '../../src/report/view.ts';
import { systemFiles, type Files } from '../../src/store/files.ts';
import { unknownUptime } from '../../src/uptime/figures.ts';
import { freshMemory, initialVerdict, type Memory } from '../../src/verdict/verdict.ts';
import type { State } from '../../src/verdict/state.ts';
import type { RestoredState } from '../../src/history/restored-state.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { gate } from '../support/gate.ts';
import { until } from '../support/until.ts';

const read = readBlock({ tcp: '127.0.0.1:1' }, {});
assert.ok(read.ok);
const { config } = read;

/** What the verdict remembers after one restart at `at`, with an open breaker. */
function memoryAt(at: number): Memory {
  const fresh = freshMemory(7);
  return {
    ...fresh,
    budget: [at],
    backoff: { restarts: 1, delayMs: 1_500, notBefore: at + 1_500, seed: 8 },
    restartsSinceOk: 1,
    cooldownMs: 60_000,
    openUntil: at + 60_000,
  };
}

function viewOf(memory: Memory, state?: State, name = 'web'): TargetView {
  const verdict = initialVerdict(1_000, memory);
  return {
    name,
    pmId: 3,
    pid: 1,
    instance: 0,
    config,
    verdict: state ? { ...verdict, state } : verdict,
    last: null,
    restartsTotal: 0,
    uptime: unknownUptime(1_000),
    errorLog: null,
  };
}

const operatorPause = (until: number): State => ({ name: 'paused', cause: 'operator', until });

describe('the state recorder', () => {
  let root: string;
  let count = 0;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'pl-keep-'));
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  const fresh = (): string => join(root, String((count += 1)));

  async function open(
    dir: string,
    { clock = new FakeClock(), files = systemFiles, views = (): TargetView[] => [] } = {},
  ): Promise<{ recorder: StateRecorder; lines: string[]; clock: FakeClock }> {
    const lines: string[] = [];
    const log = {
      line: (level: string, message: string) => void lines.push(`${level} ${message}`),
    };
    const machine = (): number => clock.monotonic;
    return {
      recorder: await StateRecorder.open({ dir, clock, machine, files, log, views }),
      lines,
      clock,
    };
  }

  test('gives the next monitor all that the verdict remembers, and a pause', async () => {
    const dir = fresh();
    const { recorder, clock } = await open(dir);
    assert.equal(recorder.restore('web', 0), null);
    recorder.remember(viewOf(memoryAt(900), operatorPause(61_000)));
    await recorder.close();
    const next = await open(dir, { clock });
    assert.deepEqual(next.recorder.restore('web', 0), {
      memory: memoryAt(900),
      pausedUntil: 61_000,
      pm2Restarts: { seen: [], last: [] },
      restartRun: null,
      incident: null,
      answered: null,
      provenBlock: null,
      certificateReported: null,
      uptime: unknownUptime(1_000),
    });
    assert.equal(next.recorder.restore('web', 1), null);
  });

  test('takes neither a stop in PM2 nor its own look away for a pause of the operator', async () => {
    const { recorder } = await open(fresh());
    recorder.remember(viewOf(freshMemory(1)));
    assert.equal(recorder.restore('web', 0)?.pausedUntil, null);
    recorder.remember(viewOf(freshMemory(1), operatorPause(Number.POSITIVE_INFINITY)));
    assert.equal(recorder.restore('web', 0)?.pausedUntil, Number.POSITIVE_INFINITY);
  });

  test('writes nothing where nothing changed that is kept', async () => {
    let writes = 0;
    const files: Files = {
      ...systemFiles,
      rename: (...names) => {
        writes += 1;
        return systemFiles.rename(...names);
      },
    };
    const { recorder, clock } = await open(fresh(), { files });
    recorder.remember(viewOf(memoryAt(900)));
    await clock.pass(1_000);
    await until('it is written', () => writes === 1);
    recorder.remember(viewOf(memoryAt(900), { name: 'healthy' }));
    await clock.pass(1_000);
    recorder.remember(viewOf(memoryAt(950)));
    await clock.pass(1_000);
    await until('the change is written', () => writes > 1);
    assert.equal(writes, 2);
  });

  test('continues where nothing can be written, and reports it once, and its end', async () => {
    let isFull = true;
    const files: Files = {
      ...systemFiles,
      rename: (...names) =>
        isFull ? Promise.reject(new Error('ENOSPC: disk full')) : systemFiles.rename(...names),
    };
    const { recorder, lines } = await open(fresh(), { files });
    for (const at of [100, 200, 300]) {
      recorder.remember(viewOf(memoryAt(at)));
      assert.equal(await recorder.save(), false);
    }
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /^warn history is not saved on disk; .*ENOSPC/);
    assert.equal(recorder.history().isKept, false);
    assert.match(recorder.history().why ?? '', /ENOSPC/);
    assert.deepEqual(recorder.restore('web', 0)?.memory, memoryAt(300));
    isFull = false;
    assert.equal(await recorder.save(), true);
    assert.deepEqual(recorder.history(), { isKept: true, why: null });
    assert.equal(lines.at(-1), 'info history is saved on disk again');
  });

  test('begins without a memory where the file is torn, and says so', async () => {
    const dir = fresh();
    const { recorder } = await open(dir);
    recorder.remember(viewOf(memoryAt(900)));
    await recorder.close();
    writeFileSync(join(dir, 'state.json'), '{"torn');
    const { recorder: next, lines } = await open(dir);
    assert.match(
      next.warning ?? '',
      /state\.json is not valid JSON .*starts without its saved state/,
    );
    assert.equal(lines[0], `warn ${next.warning}`);
    assert.equal(next.restore('web', 0), null);
  });

  test('leaves the file to the next holder of the lock once it was abandoned', async () => {
    const dir = fresh();
    const { recorder } = await open(dir);
    recorder.remember(viewOf(memoryAt(900)));
    await recorder.abandon();
    recorder.remember(viewOf(memoryAt(950)));
    assert.equal(await recorder.save(), false);
    assert.equal(existsSync(join(dir, 'state.json')), false);
  });

  test('keeps an app in mind that is watched for months without a change', async () => {
    const dir = fresh();
    const view = viewOf(memoryAt(900), operatorPause(Number.POSITIVE_INFINITY));
    const { recorder, clock } = await open(dir, { views: () => [view] });
    recorder.remember(view);
    recorder.remember(viewOf(memoryAt(900), undefined, 'gone'));
    await recorder.save();
    for (let day = 0; day < 40; day += 10) await clock.pass(10 * 86_400_000);
    await recorder.save();
    const text = readFileSync(join(dir, 'state.json'), 'utf8');
    assert.match(text, /"0:web"/);
    assert.doesNotMatch(text, /"0:gone"/);
    await recorder.close();
  });

  test('hands what a disk that hung gives at last to the worker, and no longer warns', async () => {
    const dir = fresh();
    const first = await open(dir);
    first.recorder.remember(viewOf(memoryAt(900), operatorPause(Number.POSITIVE_INFINITY)));
    await first.recorder.close();
    const hang = gate();
    const files: Files = {
      ...systemFiles,
      open: async (...args) => {
        await hang.opened;
        return systemFiles.open(...args);
      },
    };
    const clock = new FakeClock();
    const lines: string[] = [];
    const log = { line: (_: string, message: string) => void lines.push(message) };
    const view = viewOf(freshMemory(1));
    const restored: (RestoredState | null)[] = [];
    const opening = StateRecorder.open({
      dir,
      clock,
      machine: () => clock.monotonic,
      files,
      log,
      views: () => [view],
      onLateRead: (restoredOf) => {
        restored.push(restoredOf('web', 0), restoredOf('api', 0));
      },
    });
    const recorder = await until('it is open', async () => {
      await clock.pass(500);
      return Promise.race([opening, Promise.resolve(null)]);
    });
    assert.match(recorder.warning ?? '', /did not answer/);
    hang.open();
    await until('it is read', async () => {
      await clock.pass(500);
      return restored.length > 0;
    });
    const [web, api] = restored;
    assert.equal(web?.pausedUntil, Number.POSITIVE_INFINITY);
    assert.equal(web?.memory.budget.length, 1);
    assert.equal(api, null, 'nothing was kept of it');
    assert.equal(recorder.warning, null);
    assert.ok(lines.includes('the disk answers again: the saved state is used'));
    await recorder.abandon();
  });
});
