import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  parseWatched,
  readWatched,
  updateWatched,
  withWatched,
} from '../../src/store/watched-file.ts';

const isRoot = process.getuid?.() === 0;
const BLOCK = { http: 'http://127.0.0.1:3000/' };

describe('the list of watched apps', () => {
  let root: string;
  let count = 0;
  const newDir = (): string => join(root, String((count += 1)));

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'pl-watched-'));
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  test('gets an app, another block for it, and loses it, for its owner alone', async () => {
    const dir = newDir();
    assert.deepEqual(await readWatched(dir), { schemaVersion: 1, apps: [] });
    await updateWatched(dir, (document) => withWatched(document, '__proto__', BLOCK));
    await updateWatched(dir, (document) => withWatched(document, 'web', { tcp: '127.0.0.1:1' }));
    await updateWatched(dir, (document) => withWatched(document, 'web', BLOCK));
    assert.equal(statSync(join(dir, 'watched.json')).mode & 0o777, 0o600);
    const apps = [
      { name: '__proto__', block: BLOCK },
      { name: 'web', block: BLOCK },
    ];
    assert.deepEqual(await readWatched(dir), { schemaVersion: 1, apps });
    await updateWatched(dir, (document) => withWatched(document, '__proto__', undefined));
    assert.deepEqual(await readWatched(dir), { schemaVersion: 1, apps: apps.slice(1) });
  });

  test('keeps what a later version has added to it', async () => {
    const dir = newDir();
    mkdirSync(dir);
    const later = { schemaVersion: 1, hosts: ['a'], apps: [{ name: 'web', block: {}, since: 5 }] };
    writeFileSync(join(dir, 'watched.json'), JSON.stringify(later));
    await updateWatched(dir, (document) => withWatched(document, 'web', BLOCK));
    const kept: unknown = JSON.parse(readFileSync(join(dir, 'watched.json'), 'utf8'));
    assert.deepEqual(kept, { ...later, apps: [{ name: 'web', block: BLOCK, since: 5 }] });
  });

  test('that cannot be read is reported with its path, and never replaced', async () => {
    const puts: readonly [(path: string) => void, RegExp][] = [
      [(path) => writeFileSync(path, '{"schemaVersion":1,"ap'), /is not valid JSON/],
      [(path) => writeFileSync(path, '[]'), /is not a JSON object/],
      [(path) => writeFileSync(path, '{"schemaVersion":2}'), /schemaVersion 2; .* reads only 1/],
      [(path) => writeFileSync(path, '{"schemaVersion":1}'), /has no list of apps/],
      [(path) => writeFileSync(path, ' '.repeat(5_000_000)), /5000000 bytes/],
      [(path) => symlinkSync('/dev/zero', path), /is not a regular file/],
      [(path) => mkdirSync(path), /is not a regular file|EISDIR/],
    ];
    for (const [put, reason] of puts) {
      const dir = newDir();
      mkdirSync(dir);
      const path = join(dir, 'watched.json');
      put(path);
      const size = statSync(path).size;
      const read = await readWatched(dir);
      assert.ok(typeof read === 'string');
      assert.match(read, reason);
      assert.ok(read.startsWith(path), read);
      await assert.rejects(
        updateWatched(dir, (document) => withWatched(document, 'web', BLOCK)),
        { code: 'ERR_STORE', message: /correct it, or move it away/ },
      );
      assert.equal(statSync(path).size, size);
    }
  });

  test('is bounded in apps, names and depth', () => {
    const textOf = (apps: readonly unknown[]): string => JSON.stringify({ schemaVersion: 1, apps });
    const app = { name: 'web', block: BLOCK };
    assert.ok(typeof parseWatched(textOf(Array.from({ length: 1_000 }, () => app))) === 'object');
    for (const apps of [
      Array.from({ length: 1_001 }, () => app),
      [{ ...app, name: 'x'.repeat(300) }],
      [{ ...app, name: '' }],
      [{ ...app, name: 5 }],
      [{ name: 'web' }],
      [null],
      [{ ...app, block: JSON.parse(`${'['.repeat(20)}${']'.repeat(20)}`) }],
    ]) {
      assert.equal(typeof parseWatched(textOf(apps)), 'string');
    }
  });

  test('loses none of many changes at once', async () => {
    const dir = newDir();
    const names = Array.from({ length: 12 }, (_, at) => `app-${at}`);
    await Promise.all(
      names.map((name) => updateWatched(dir, (document) => withWatched(document, name, BLOCK))),
    );
    const read = await readWatched(dir);
    assert.ok(typeof read !== 'string');
    assert.deepEqual(read.apps.map(({ name }) => name).toSorted(), names.toSorted());
  });

  test('is not written while another program does', async () => {
    const dir = newDir();
    mkdirSync(dir);
    writeFileSync(join(dir, 'watched.json.lock'), '');
    await assert.rejects(
      updateWatched(dir, (document) => withWatched(document, 'web', BLOCK)),
      { code: 'ERR_STORE', message: /watched\.json\.lock: .* remove this file/ },
    );
  });

  test('is written although a program was killed while it did', async () => {
    const dir = newDir();
    mkdirSync(dir);
    const lock = join(dir, 'watched.json.lock');
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    for (const [text, ageMs] of [
      [String(pid), 0],
      ['', 61_000],
      [String(process.pid), 61_000],
    ] as const) {
      writeFileSync(lock, text);
      const at = (Date.now() - ageMs) / 1_000;
      utimesSync(lock, at, at);
      await updateWatched(dir, (document) => withWatched(document, `app-${ageMs}`, BLOCK));
      assert.deepEqual(readdirSync(dir), ['watched.json']);
    }
  });

  test('belongs to the user of PM2_HOME where root writes it', { skip: !isRoot }, async () => {
    const home = newDir();
    mkdirSync(home);
    chownSync(home, 65_534, 65_534);
    const dir = join(home, 'pm2-liveness');
    for (const name of ['web', 'api']) {
      await updateWatched(dir, (document) => withWatched(document, name, BLOCK));
    }
    for (const path of [dir, join(dir, 'watched.json')]) {
      const { uid, gid } = statSync(path);
      assert.deepEqual([uid, gid], [65_534, 65_534], path);
    }
  });
});
