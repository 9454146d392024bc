import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { appKey, type AppMemory } from '../../src/store/app-memory.ts';
import { parseDocument } from '../../src/store/document.ts';
import { systemFiles, type Files } from '../../src/store/files.ts';
import { Store, type LateRead } from '../../src/store/store.ts';
import { DiskQueue } from '../../src/time/disk-queue.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { gate } from '../support/gate.ts';
import { until } from '../support/until.ts';
import { memoryOf } from './memory-of.ts';

const WEB = appKey('web', 0);
const API = appKey('api', 0);

describe('a store that was opened while its disk hung', () => {
  let root: string;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'pl-late-'));
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  const paused: AppMemory = { ...memoryOf([-5_000]), pausedUntil: Number.POSITIVE_INFINITY };

  /** On disk are `web`, paused and with one restart, and `api`; the disk hangs until `answer`. */
  async function openLate(given: { queueHangs?: boolean; running?: [string, AppMemory][] } = {}) {
    const dir = mkdtempSync(join(root, 'dir-'));
    const clock = new FakeClock();
    const machine = (): number => clock.monotonic + 1e6;
    const { store: first } = await Store.open({ dir, clock, machine });
    first.put(WEB, paused);
    first.put(API, memoryOf([-7_000]));
    assert.equal(await first.saveNow(), true);
    await first.abandon();
    const hang = gate();
    const disk = new DiskQueue(clock);
    // Another one's call hangs: ours does not even begin.
    if (given.queueHangs) disk.run(() => hang.opened).catch(() => undefined);
    const files: Files = {
      ...systemFiles,
      open: async (...args) => {
        await hang.opened;
        return systemFiles.open(...args);
      },
    };
    const reads: LateRead[] = [];
    const running = (): Map<string, AppMemory> => new Map(given.running);
    const onLateRead = (read: LateRead): void => void reads.push(read);
    const opening = Store.open({ dir, clock, machine, disk, files, running, onLateRead });
    const opened = await until('it is open', async () => {
      await clock.pass(500);
      return Promise.race([opening, Promise.resolve(null)]);
    });
    assert.match(opened.warning ?? '', /did not answer/);
    const answer = async (): Promise<void> => {
      hang.open();
      await until('it is kept', async () => {
        await clock.pass(500);
        return reads.length > 0 && opened.store.keeping().isKeeping;
      });
    };
    return { store: opened.store, dir, reads, answer };
  }

  function appsIn(dir: string): Record<string, { restarts: readonly number[]; pause: unknown }> {
    const document = parseDocument(readFileSync(join(dir, 'state.json'), 'utf8'));
    assert.ok(typeof document !== 'string');
    return document.apps;
  }

  for (const queueHangs of [false, true]) {
    const where = queueHangs ? 'before it was read' : 'as it was read';
    test(`${where}, merges what it kept with what was put, says so, and writes it`, async () => {
      const { store, dir, reads, answer } = await openLate({ queueHangs });
      store.put(WEB, memoryOf([1_000]));
      assert.equal(appsIn(dir)[WEB]?.restarts.length, 1);
      await answer();
      const web = store.get(WEB);
      assert.equal(web?.memory.budget.length, 2);
      assert.equal(web?.memory.budget.at(-1), 1_000);
      assert.equal(web?.pausedUntil, Number.POSITIVE_INFINITY);
      assert.equal(store.get(API)?.memory.budget.length, 1);
      assert.deepEqual(reads, [{ keys: new Set([WEB, API]), warning: null }]);
      assert.equal(await store.saveNow(), true);
      assert.equal(appsIn(dir)[WEB]?.restarts.length, 2);
      assert.deepEqual(appsIn(dir)[WEB]?.pause, { until: null });
      await store.abandon();
    });
  }

  test('merges with what a worker knows now, more than with what it put', async () => {
    const { store, answer } = await openLate({ running: [[WEB, memoryOf([1_000, 2_000])]] });
    store.put(WEB, memoryOf([1_000]));
    await answer();
    assert.equal(store.get(WEB)?.memory.budget.length, 3);
    await store.abandon();
  });

  test('keeps a command of the operator that came meanwhile', async () => {
    const { store, answer } = await openLate();
    store.noteCommand(WEB, 'resume');
    store.put(WEB, memoryOf([1_000]));
    await answer();
    assert.equal(store.get(WEB)?.pausedUntil, null);
    await store.abandon();
  });
});
