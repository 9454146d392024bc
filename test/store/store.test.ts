import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { appKey } from '../../src/store/app-memory.ts';
import { parseDocument } from '../../src/store/document.ts';
import { systemFiles, type Files } from '../../src/store/files.ts';
import { Store, type Keeping, type StoreDeps } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { anyMemory } from './memory.ts';
import { memoryOf } from './memory-of.ts';

const WEB = appKey('web', 0);
const DAY_MS = 86_400_000;

/** Clocks that agree, and can be read on; the machine's is the monotonic one. */
function clocks(): { clock: FakeClock; machine: () => number } {
  const clock = new FakeClock();
  return { clock, machine: () => clock.monotonic + 1e6 };
}

describe('the store', () => {
  let root: string;
  let count = 0;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'pl-store-'));
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  const fresh = (): string => join(root, String((count += 1)));

  async function open(dir: string, given: Partial<StoreDeps> = {}): Promise<Store> {
    const { store, warning } = await Store.open({ dir, ...clocks(), ...given });
    assert.equal(warning, null);
    return store;
  }

  /** A folder with a state file in it, and the file's path. */
  async function written(): Promise<{ dir: string; path: string }> {
    const dir = fresh();
    const store = await open(dir);
    store.put(WEB, memoryOf([900]));
    assert.equal(await store.saveNow(), true);
    await store.close();
    return { dir, path: join(dir, 'state.json') };
  }

  const bad = (dir: string): string[] => readdirSync(dir).filter((name) => name.includes('.bad-'));

  test('remembers for the next process, in private files', async () => {
    const { dir, path } = await written();
    assert.equal(statSync(dir).mode & 0o777, 0o700);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(dir), ['state.json']);
    const next = await open(dir);
    assert.deepEqual(next.get(WEB), memoryOf([900]));
    assert.equal(next.get(appKey('web', 1)), null);
    assert.deepEqual(next.keeping(), { isKeeping: true, reason: null });
  });

  test('keeps any apps by any names', async () => {
    const { clock, machine } = clocks();
    const apps = fc.dictionary(
      fc.string({ unit: 'binary' }).map((name) => appKey(name, 7)),
      anyMemory(clock.now()),
      { maxKeys: 5 },
    );
    await fc.assert(
      fc.asyncProperty(apps, async (memories) => {
        const dir = fresh();
        const store = await open(dir, { clock, machine });
        for (const [key, memory] of Object.entries(memories)) store.put(key, memory);
        await store.close();
        const next = await open(dir, { clock, machine });
        for (const [key, { memory }] of Object.entries(memories)) {
          assert.equal(next.get(key)?.memory.budget.length, memory.budget.length);
          assert.equal(next.get(key)?.memory.backoff.seed, memory.backoff.seed);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('sets a broken file aside, broken at any place', async () => {
    const { dir, path } = await written();
    const text = readFileSync(path);
    // The closing newline is the one byte that may be missing.
    for (let length = 0; length < text.length - 1; length += 1) {
      writeFileSync(path, text);
      truncateSync(path, length);
      const { clock, machine } = clocks();
      clock.wallTime += length;
      const { store, warning } = await Store.open({ dir, clock, machine });
      assert.match(
        warning ?? '',
        /set aside as state\.json\.bad-\d{15}; the monitor starts without its saved state/,
        `${length} bytes`,
      );
      assert.equal(store.get(WEB), null);
      assert.ok(!existsSync(path));
    }
    assert.equal(bad(dir).length, 3);
  });

  test('reads any garbage without throwing', async () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parseDocument(text) === 'string'));
    fc.assert(fc.property(fc.json(), (text) => void parseDocument(text)));
    const valid: unknown = JSON.parse(readFileSync((await written()).path, 'utf8'));
    const text = JSON.stringify(valid);
    // One value of a good file replaced by any other: read, or refused with a reason.
    fc.assert(
      fc.property(fc.nat(40), fc.jsonValue(), (nth, value) => {
        let seen = 0;
        const changed: unknown = JSON.parse(text, (_, old: unknown) =>
          seen++ === nth ? value : old,
        );
        const read = parseDocument(JSON.stringify(changed));
        if (typeof read === 'string') return assert.match(read, /^(is|has) /);
        assert.equal(read.schemaVersion, 1);
      }),
      { numRuns: 2_000 },
    );
    const bytes = fc.uint8Array({ maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(bytes, async (garbage) => {
        const { dir, path } = await written();
        writeFileSync(path, garbage);
        const { store } = await Store.open({ dir, ...clocks() });
        assert.equal(store.get(WEB), null);
        store.put(WEB, memoryOf([1]));
        assert.equal(await store.saveNow(), true);
      }),
      { numRuns: 30 },
    );
  });

  test('sets aside what is newer, foreign, too large, or no file', async () => {
    const cases: [(path: string) => void, RegExp][] = [
      [
        (path) => writeFileSync(path, '{"schemaVersion":2}'),
        /has schemaVersion 2; this version of pm2-liveness reads only 1/,
      ],
      [(path) => writeFileSync(path, '[1]'), /is not a JSON object/],
      [
        (path) => {
          writeFileSync(path, '');
          truncateSync(path, 65 * 1024 * 1024);
        },
        /has 68157440 bytes, more than the monitor ever writes/,
      ],
      [(path) => mkdirSync(path), /is not a regular file/],
      [(path) => symlinkSync('/dev/zero', path), /is not a regular file/],
    ];
    for (const [put, wanted] of cases) {
      const dir = fresh();
      mkdirSync(dir);
      put(join(dir, 'state.json'));
      const { store, warning } = await Store.open({ dir, ...clocks() });
      assert.match(warning ?? '', wanted);
      assert.equal(bad(dir).length, 1);
      store.put(WEB, memoryOf([1]));
      assert.equal(await store.saveNow(), true);
    }
  });

  test('continues from memory where nothing can be written, and says why', async () => {
    const file = fresh();
    writeFileSync(file, '');
    const dir = join(file, 'below-a-file');
    const told: string[] = [];
    const tell = ({ reason }: Keeping): void => void told.push(reason ?? 'kept');
    const { store, warning } = await Store.open({ dir, ...clocks(), tell });
    assert.equal(warning, null);
    store.put(WEB, memoryOf([1]));
    assert.equal(await store.saveNow(), false);
    assert.equal(await store.saveNow(), false);
    assert.match(store.keeping().reason ?? '', /state\.json: E(NOTDIR|EXIST)/);
    assert.deepEqual(told, [store.keeping().reason]);
    assert.deepEqual(store.get(WEB), memoryOf([1]));
    await store.close();
  });

  test('keeps again, and no half files, once a full disk has room', async () => {
    let isFull = true;
    const files: Files = {
      ...systemFiles,
      rename: async (from, to) => {
        if (isFull) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
        await rename(from, to);
      },
    };
    const dir = fresh();
    const store = await open(dir, { files });
    store.put(WEB, memoryOf([1]));
    assert.equal(await store.saveNow(), false);
    assert.equal(store.keeping().isKeeping, false);
    assert.match(store.keeping().reason ?? '', /ENOSPC/);
    assert.deepEqual(readdirSync(dir), []);
    isFull = false;
    assert.equal(await store.saveNow(), true);
    assert.deepEqual(store.keeping(), { isKeeping: true, reason: null });
  });

  test('does not wait forever for a disk that hangs', async () => {
    const { clock, machine } = clocks();
    const files: Files = { ...systemFiles, rename: () => new Promise(() => undefined) };
    const store = await open(fresh(), { clock, machine, files });
    store.put(WEB, memoryOf([1]));
    const saved = store.saveNow();
    await clock.pass(2_000);
    assert.equal(await saved, false);
    assert.equal(store.keeping().reason, 'the disk did not answer within 2000 ms');
  });

  test('gathers changes, writes one at a time, and the newest wins', async () => {
    const { clock, machine } = clocks();
    let writing = 0;
    let most = 0;
    let writes = 0;
    const files: Files = {
      ...systemFiles,
      rename: async (from, to) => {
        writes += 1;
        writing += 1;
        most = Math.max(most, writing);
        await new Promise((resolve) => setTimeout(resolve, 5));
        await rename(from, to);
        writing -= 1;
      },
    };
    const dir = fresh();
    const store = await open(dir, { clock, machine, files });
    for (let seed = 1; seed <= 100; seed += 1) store.put(WEB, memoryOf([1], seed));
    assert.equal(writes, 0);
    await clock.pass(1_000);
    await until('it is written', () => existsSync(join(dir, 'state.json')), { everyMs: 5 });
    assert.equal(writes, 1);
    const saves = Array.from({ length: 50 }, (_, i) => {
      store.put(WEB, memoryOf([1], 1_000 + i));
      return store.saveNow();
    });
    await Promise.all(saves);
    assert.equal(most, 1);
    assert.ok(writes <= 3, 'all who waited shared a write');
    assert.equal((await open(dir, { clock, machine })).get(WEB)?.memory.backoff.seed, 1_049);
  });

  test('forgets apps not seen for thirty days, but no restart that still counts', async () => {
    const { clock, machine } = clocks();
    const dir = fresh();
    const store = await open(dir, { clock, machine });
    store.put('0:old', memoryOf([]));
    store.put('0:seen', memoryOf([]));
    store.put('0:spent', memoryOf([clock.now()]));
    clock.wallTime += 31 * DAY_MS;
    store.markSeen(['0:seen', '0:unknown']);
    await store.saveNow();
    const next = await open(dir, { clock, machine });
    assert.equal(next.get('0:old'), null);
    assert.ok(next.get('0:seen'));
    assert.ok(next.get('0:spent'));
    clock.monotonic += 8 * DAY_MS;
    await next.saveNow();
    assert.equal((await open(dir, { clock, machine })).get('0:spent'), null);
  });

  test('writes once a day that an app is still there', async () => {
    const { clock, machine } = clocks();
    const dir = fresh();
    const store = await open(dir, { clock, machine });
    store.put(WEB, memoryOf([]));
    await store.saveNow();
    await clock.pass(1_000);
    await store.saveNow();
    const written = statSync(join(dir, 'state.json')).ino;
    clock.wallTime += DAY_MS / 2;
    store.markSeen([WEB]);
    await clock.pass(1_000);
    assert.equal(statSync(join(dir, 'state.json')).ino, written);
    clock.wallTime += 2 * DAY_MS;
    store.markSeen([WEB]);
    await clock.pass(1_000);
    await until('it is written', () => statSync(join(dir, 'state.json')).ino !== written);
    await store.close();
  });

  test('remembers five thousand apps, the latest ones', async () => {
    const dir = fresh();
    const store = await open(dir);
    for (let i = 0; i < 5_010; i += 1) store.put(appKey('app', i), memoryOf([]));
    await store.saveNow();
    const next = await open(dir);
    assert.equal(next.get(appKey('app', 9)), null);
    assert.ok(next.get(appKey('app', 10)));
    assert.ok(next.get(appKey('app', 5_009)));
  });

  test('writes no more once it was abandoned', async () => {
    const { clock, machine } = clocks();
    const dir = fresh();
    const store = await open(dir, { clock, machine });
    store.put(WEB, memoryOf([1]));
    await store.abandon();
    await clock.pass(5_000);
    assert.equal(await store.saveNow(), false);
    assert.equal(existsSync(join(dir, 'state.json')), false);
  });
});
