import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { appKey } from '../../src/store/app-memory.ts';
import { Store } from '../../src/store/store.ts';
import { systemClock as clock } from '../../src/time/clock.ts';
import { compile, type Compiled } from '../leader/compile.ts';

const KILLS = 60;

describe('a writer that is killed at any instant', () => {
  let root: string;
  let writer: Compiled;

  before(async () => {
    writer = await compile('store/writer.ts');
    root = mkdtempSync(join(tmpdir(), 'pl-kill-'));
  });

  after(() => {
    writer.remove();
    rmSync(root, { recursive: true, force: true });
  });

  /** Lets a writer run, kills it, and says the last version it knew to be on disk. */
  async function writeUntilKilled(dir: string, ms: number): Promise<number> {
    const child = spawn(process.execPath, [writer.file, dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    child.stdout.on('data', (chunk) => (told += String(chunk)));
    await once(child.stdout, 'data');
    await sleep(ms);
    child.kill('SIGKILL');
    await once(child, 'close');
    // The last line may be half a number.
    return Number(told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1));
  }

  test(
    'leaves a file that the next one reads, with all that it was promised',
    { timeout: 120_000 },
    async () => {
      const kill = async (dir: string, round: number): Promise<void> => {
        const promised = await writeUntilKilled(dir, Math.random() * 40);
        const { store, warning } = await Store.open({ dir, clock });
        assert.equal(warning, null, `round ${round}`);
        const read = store.get(appKey('web', 0))?.memory;
        assert.ok(read, `round ${round}: the app is known`);
        // The one in flight may have made it, too; a mixture of two may not.
        const version = read.backoff.seed;
        assert.ok(version === promised || version === promised + 1, `${version} after ${promised}`);
        const filler = store.get(appKey('filler', 299))?.memory.backoff.seed;
        assert.equal(filler, version);
        await store.abandon();
        assert.deepEqual(readdirSync(dir), ['state.json']);
      };
      const lane = async (name: string): Promise<void> => {
        for (let i = 0; i < KILLS / 3; i += 1) await kill(join(root, name), i);
      };
      await Promise.all(['a', 'b', 'c'].map(lane));
    },
  );
});
