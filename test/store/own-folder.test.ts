import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { appKey } from '../../src/store/app-memory.ts';
import { parseDocument } from '../../src/store/document.ts';
import { systemFiles, type Files } from '../../src/store/files.ts';
import { Journal } from '../../src/store/journal.ts';
import { readJournalLines } from '../../src/store/journal-files.ts';
import type { JournalLine } from '../../src/store/journal-line.ts';
import { readSettings } from '../../src/store/settings-file.ts';
import { Store, type Keeping } from '../../src/store/store.ts';
import { systemClock as clock } from '../../src/time/clock.ts';
import { DiskQueue } from '../../src/time/disk-queue.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { gate } from '../support/gate.ts';
import { until } from '../support/until.ts';
import { memoryOf } from './memory-of.ts';

const WEB = appKey('web', 0);
const SKIP = { skip: process.platform === 'win32' };
const ROOT_ONLY = { skip: process.getuid?.() !== 0 };
const SOMEBODY = 12_345;

const lineOf = (text: string): JournalLine => ({
  schemaVersion: 1,
  at: '2026-11-23T08:00:00.000Z',
  app: 'web',
  instance: 0,
  incident: 'a1',
  event: 'decided',
  text,
});

describe('our folder', SKIP, () => {
  let root: string;
  let count = 0;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'pl-own-'));
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  const fresh = (): string => join(root, String((count += 1)));
  const stateOf = (dir: string): string => join(dir, 'state.json');
  const kept = async (dir: string): Promise<boolean> => {
    const { store } = await Store.open({ dir, clock });
    return store.get(WEB) !== null;
  };

  /** A store whose file has one app in it. */
  async function running(dir: string): Promise<Store> {
    const { store } = await Store.open({ dir, clock });
    store.put(WEB, memoryOf([clock.now()]));
    assert.equal(await store.saveNow(), true);
    return store;
  }

  const LOSSES: Readonly<Record<string, (dir: string) => void>> = {
    'the folder is removed': (dir) => rmSync(dir, { recursive: true }),
    'the folder is moved away': (dir) => renameSync(dir, `${dir}.away`),
    'an empty folder takes its place': (dir) => {
      renameSync(dir, `${dir}.away`);
      mkdirSync(dir);
    },
    'the file alone is removed': (dir) => unlinkSync(stateOf(dir)),
    'an older file takes its place': (dir) => {
      const text = readFileSync(stateOf(dir), 'utf8').replace('"restarts":[', '"restarts":[5,');
      unlinkSync(stateOf(dir));
      writeFileSync(stateOf(dir), text);
    },
    'nonsense is written into it': (dir) => writeFileSync(stateOf(dir), 'nonsense'),
    'a folder takes its place': (dir) => {
      unlinkSync(stateOf(dir));
      mkdirSync(join(stateOf(dir), 'full'), { recursive: true });
    },
    'a FIFO takes its place': (dir) => {
      unlinkSync(stateOf(dir));
      execFileSync('mkfifo', [stateOf(dir)]);
    },
    'a link takes its place': (dir) => {
      renameSync(stateOf(dir), `${stateOf(dir)}.away`);
      symlinkSync(`${stateOf(dir)}.away`, stateOf(dir));
    },
  };

  for (const [what, lose] of Object.entries(LOSSES)) {
    test(`has the memory written again where ${what}`, async () => {
      const dir = fresh();
      const store = await running(dir);
      lose(dir);
      await store.restoreFile();
      // Nobody asks for it: an ended monitor must find it.
      await until('it is there again', () => {
        const found = lstatSync(stateOf(dir));
        if (!found.isFile()) return false;
        const document = parseDocument(readFileSync(stateOf(dir), 'utf8'));
        return typeof document !== 'string' && document.apps[WEB]?.restarts.length === 1;
      });
      assert.equal(statSync(dir).mode & 0o777, 0o700);
      assert.equal(statSync(stateOf(dir)).mode & 0o777, 0o600);
      assert.ok(await kept(dir));
      await store.close();
    });
  }

  test('is left alone as long as nobody touches the file', async () => {
    const dir = fresh();
    const store = await running(dir);
    const { ino } = statSync(stateOf(dir));
    await store.restoreFile();
    await store.restoreFile();
    assert.equal(statSync(stateOf(dir)).ino, ino);
    await store.abandon();
    assert.equal(statSync(stateOf(dir)).ino, ino);
  });

  test('that is a link is neither read nor written, and its target keeps its mode', async () => {
    const target = fresh();
    await (await running(target)).close();
    writeFileSync(join(target, 'incidents.jsonl'), `${JSON.stringify(lineOf('theirs'))}\n`);
    writeFileSync(join(target, 'settings.json'), '{"schemaVersion":1,"settings":{"a":1}}');
    chmodSync(target, 0o755);
    const dir = fresh();
    symlinkSync(target, dir);
    const before = readdirSync(target);
    const told: Keeping[] = [];
    const { store, warning } = await Store.open({ dir, clock, tell: (news) => told.push(news) });
    assert.match(warning ?? '', /got a symbolic link, wanted a folder; .*without its saved state/);
    assert.equal(store.get(WEB), null);
    store.put(WEB, memoryOf([1]));
    assert.equal(await store.saveNow(), false);
    assert.match(told[0]?.reason ?? '', /a symbolic link/);
    const { journal, lines } = await Journal.open({ dir, clock });
    assert.deepEqual(lines, []);
    journal.append(lineOf('ours'));
    await journal.flush();
    assert.match(journal.trouble ?? '', /a symbolic link/);
    assert.deepEqual(await readJournalLines(dir), []);
    assert.deepEqual(await readSettings(dir), {});
    assert.equal(statSync(target).mode & 0o777, 0o755);
    assert.deepEqual(readdirSync(target), before);
    // Supervision goes on, and so does the memory once the link is gone.
    unlinkSync(dir);
    await until('it is kept', () => store.keeping().isKeeping && journal.trouble === null);
    await Promise.all([store.close(), journal.close()]);
    assert.ok(await kept(dir));
  });

  test('of another user, and files of one, are not ours', ROOT_ONLY, async () => {
    const dir = fresh();
    await (await running(dir)).close();
    chownSync(stateOf(dir), SOMEBODY, SOMEBODY);
    const opened = await Store.open({ dir, clock });
    assert.match(opened.warning ?? '', /state\.json .*belongs to user 12345.*set aside as/);
    assert.equal(opened.store.get(WEB), null);
    const theirs = join(dir, 'incidents.jsonl');
    const { journal } = await Journal.open({ dir, clock });
    writeFileSync(theirs, `${JSON.stringify(lineOf('theirs'))}\n`);
    chownSync(theirs, SOMEBODY, SOMEBODY);
    assert.deepEqual(await readJournalLines(dir), []);
    journal.append(lineOf('ours'));
    await journal.close();
    assert.equal(journal.trouble, null);
    assert.deepEqual(
      (await readJournalLines(dir)).map(({ text }) => text),
      ['ours'],
    );
    chownSync(dir, SOMEBODY, SOMEBODY);
    const { store, warning } = await Store.open({ dir, clock });
    assert.match(warning ?? '', /belongs to user 12345, and this program runs as user 0/);
    store.put(WEB, memoryOf([1]));
    assert.equal(await store.saveNow(), false);
    await store.abandon();
  });

  test('of the user whose PM2_HOME it is serves root as well', ROOT_ONLY, async () => {
    const home = fresh();
    mkdirSync(home);
    const dir = join(home, 'pm2-liveness');
    await (await running(dir)).close();
    for (const path of [home, dir, stateOf(dir)]) chownSync(path, SOMEBODY, SOMEBODY);
    assert.ok(await kept(dir));
  });

  for (const [what, put] of [
    ['a link', (path: string) => symlinkSync('/dev/null', path)],
    ['a FIFO', (path: string) => void execFileSync('mkfifo', [path])],
    ['a folder', (path: string) => mkdirSync(path)],
    ['another name of a file', (path: string) => linkSync(join(root, 'precious'), path)],
  ] as const) {
    test(`where ${what} is in the place of the journal, it is not written, and the journal is`, async () => {
      writeFileSync(join(root, 'precious'), 'precious\n');
      const dir = fresh();
      const { journal } = await Journal.open({ dir, clock });
      mkdirSync(dir, { mode: 0o700 });
      put(join(dir, 'incidents.jsonl'));
      journal.append(lineOf('ours'));
      await journal.close();
      assert.equal(journal.trouble, null);
      const lines = await readJournalLines(dir);
      assert.deepEqual(
        lines.map(({ text }) => text),
        ['ours'],
      );
      assert.equal(readFileSync(join(root, 'precious'), 'utf8'), 'precious\n');
    });
  }

  test('is written again within two seconds once a full disk has room', async () => {
    const dir = fresh();
    let isFull = false;
    const files: Files = {
      ...systemFiles,
      open: async (...args) => {
        if (isFull) throw new Error('ENOSPC: no space left on device');
        return systemFiles.open(...args);
      },
    };
    const told: boolean[] = [];
    const { store } = await Store.open({
      dir,
      clock,
      files,
      tell: ({ isKeeping }) => told.push(isKeeping),
    });
    isFull = true;
    store.put(WEB, memoryOf([1]));
    assert.equal(await store.saveNow(), false);
    isFull = false;
    // Nothing changes meanwhile, and nobody asks.
    await until('it is kept', () => store.keeping().isKeeping, { withinMs: 3_000 });
    assert.deepEqual(told, [false, true]);
    assert.ok(await kept(dir));
    await store.abandon();
  });

  test('on a disk that hangs is opened without a memory in time, which is not overwritten', async () => {
    const dir = fresh();
    await (await running(dir)).close();
    const before = readFileSync(stateOf(dir), 'utf8');
    const hang = gate();
    let calls = 0;
    let most = 0;
    const slow = async <Value>(call: () => Promise<Value>): Promise<Value> => {
      calls += 1;
      most = Math.max(most, calls);
      await hang.opened;
      calls -= 1;
      return call();
    };
    const files: Files = {
      ...systemFiles,
      lstat: (async (path: string) => slow(() => systemFiles.lstat(path))) as Files['lstat'], // one of its shapes
      open: async (...args) => slow(() => systemFiles.open(...args)),
    };
    const fake = new FakeClock();
    const disk = new DiskQueue(fake);
    const told: (string | null)[] = [];
    const opening = Promise.all([
      Store.open({ dir, clock: fake, disk, files, tell: ({ reason }) => told.push(reason) }),
      Journal.open({ dir, clock: fake, disk, files }),
    ]);
    await until('both are open', async () => {
      await fake.pass(250);
      return (await Promise.race([opening, Promise.resolve(null)])) !== null;
    });
    assert.ok(fake.now() < 10_000, `${fake.now()} ms`);
    const [{ store, warning }, { journal, lines }] = await opening;
    assert.match(
      warning ?? '',
      /did not answer within 2000 ms; the monitor starts without its saved state/,
    );
    assert.deepEqual(lines, []);
    const api = appKey('api', 0);
    store.put(api, memoryOf([1]));
    journal.append(lineOf('ours'));
    await until('it is told', async () => {
      await fake.pass(250);
      return !store.keeping().isKeeping && journal.trouble !== null;
    });
    assert.equal(most, 1, 'one thread hangs at most');
    assert.equal(readFileSync(stateOf(dir), 'utf8'), before);
    hang.open();
    await until('it is kept', async () => {
      await fake.pass(250);
      return store.keeping().isKeeping && journal.trouble === null;
    });
    // What stood in the file is not lost, but for what the running monitor knows better.
    assert.notEqual(store.get(WEB), null);
    assert.notEqual(store.get(api), null);
    const state = readFileSync(stateOf(dir), 'utf8');
    assert.ok(state.includes(WEB) && state.includes(api));
    assert.equal(told.filter((reason) => reason === null).length, 1);
    assert.equal((await readJournalLines(dir)).length, 1);
  });
});
