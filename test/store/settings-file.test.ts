import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { writeSettings, readSettings } from '../../src/store/settings-file.ts';

describe('the settings that were good', () => {
  let root: string;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'pl-set-'));
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  test('are the next start’s, and their owner’s alone', async () => {
    const dir = join(root, 'kept');
    assert.deepEqual(await readSettings(dir), {});
    await writeSettings(dir, { period: '2s', failure_threshold: 4 });
    assert.deepEqual(await readSettings(dir), { period: '2s', failure_threshold: 4 });
    assert.equal(statSync(join(dir, 'settings.json')).mode & 0o777, 0o600);
  });

  test('are none where the file is torn, foreign or no file', async () => {
    const puts: readonly ((path: string) => void)[] = [
      (path) => writeFileSync(path, '{"schemaVersion":1,"setti'),
      (path) => writeFileSync(path, '[]'),
      (path) => writeFileSync(path, '{"schemaVersion":2,"settings":{"period":"2s"}}'),
      (path) => writeFileSync(path, ' '.repeat(100_000)),
      (path) => symlinkSync('/dev/zero', path),
      (path) => mkdirSync(path),
    ];
    for (const [nth, put] of puts.entries()) {
      const dir = join(root, String(nth));
      mkdirSync(dir);
      put(join(dir, 'settings.json'));
      assert.deepEqual(await readSettings(dir), {});
    }
  });

  test('that cannot be kept are an error that names the file', async () => {
    const dir = join(root, 'file');
    writeFileSync(dir, '');
    await assert.rejects(writeSettings(dir, {}), /settings\.json: E/);
  });
});
