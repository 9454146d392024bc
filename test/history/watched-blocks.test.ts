import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WatchedBlocks } from '../../src/history/watched-blocks.ts';
import { updateWatched, withWatched } from '../../src/store/watched-file.ts';
import { systemClock } from '../../src/time/clock.ts';
import { DiskQueue } from '../../src/time/disk-queue.ts';

const [A, B] = [{ tcp: '127.0.0.1:1' }, { tcp: '127.0.0.1:2' }];

describe('the blocks of watched.json', () => {
  let root: string;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'pl-blocks-'));
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  function begin(name: string): {
    dir: string;
    blocks: WatchedBlocks;
    lines: string[];
    changes: () => number;
  } {
    const dir = join(root, name);
    const lines: string[] = [];
    let changes = 0;
    const blocks = new WatchedBlocks({
      dir,
      disk: new DiskQueue(systemClock),
      log: { line: (level, message) => void lines.push(`${level} ${message}`) },
      onChange: () => (changes += 1),
    });
    return { dir, blocks, lines, changes: () => changes };
  }

  const watch = (dir: string, app: string, block: unknown): Promise<void> =>
    updateWatched(dir, (document) => withWatched(document, app, block));

  test('follow the file, which is read once for each change', async () => {
    const { dir, blocks, lines, changes } = begin('follow');
    await blocks.look();
    assert.equal(blocks.blockOf('web'), undefined);
    await watch(dir, 'web', A);
    await blocks.look();
    await blocks.look();
    assert.deepEqual(blocks.blockOf('web'), A);
    assert.equal(changes(), 1);
    await watch(dir, 'web', B);
    await blocks.look();
    assert.deepEqual(blocks.blockOf('web'), B);
    await watch(dir, 'web', undefined);
    await blocks.look();
    assert.equal(blocks.blockOf('web'), undefined);
    rmSync(join(dir, 'watched.json'));
    await blocks.look();
    assert.deepEqual(lines, []);
  });

  test('stay in force while the file cannot be read, with one warning for each reason', async () => {
    const { dir, blocks, lines } = begin('torn');
    await watch(dir, 'web', A);
    await blocks.look();
    const path = join(dir, 'watched.json');
    writeFileSync(path, '{"schemaVersion":1,"ap');
    await blocks.look();
    await blocks.look();
    writeFileSync(path, '{"schemaVersion":2,"apps":[]}');
    await blocks.look();
    assert.deepEqual(blocks.blockOf('web'), A);
    assert.equal(lines.length, 2, lines.join('\n'));
    assert.match(lines[0] ?? '', /^warn .*watched\.json is not valid JSON.*stay in force$/);
    assert.match(lines[1] ?? '', /^warn .*schemaVersion 2; .*stay in force$/);
    assert.match(blocks.warning ?? '', /schemaVersion 2/);
    writeFileSync(path, JSON.stringify({ schemaVersion: 1, apps: [{ name: 'web', block: B }] }));
    await blocks.look();
    assert.deepEqual(blocks.blockOf('web'), B);
    assert.equal(blocks.warning, null);
    assert.equal(lines[2], 'info watched.json can be read again');
  });

  test('that were never read are none, and that is said', async () => {
    const { dir, blocks, lines } = begin('never');
    await watch(dir, 'web', A);
    writeFileSync(join(dir, 'watched.json'), '{');
    await blocks.look();
    assert.equal(blocks.blockOf('web'), undefined);
    assert.match(lines[0] ?? '', /no app is watched by it$/);
  });
});
