import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { BoundedFiles } from '../../src/os/bounded-files.ts';
import { readBlock, type TargetConfig } from '../../src/config/target-config.ts';
import { buildErrorIn } from '../../src/diagnosis/first-build/build-error.ts';
import { FirstBuild } from '../../src/diagnosis/first-build/first-build.ts';
import type { Sample } from '../../src/probe/probe.ts';
import { observationOf } from '../../src/target/observation.ts';
import { systemClock } from '../../src/time/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { managed } from '../support/fake-pm2.ts';

const FILES = new BoundedFiles(systemClock);

const SILENT: Sample = { kind: 'fail', class: 'timeout', detail: 'late', at: 1, durationMs: 1 };

/** Recorded: esbuild 0.25 and 0.28 on the command line, in an error that it throws; Rollup 4. */
const PRINTED = ['✘ [ERROR] Unexpected ";"', 'a.ts:2:11:', '2 │ const b = (;', '╵            ^'];
const THROWN = ['Transform failed with 1 error:', '/srv/n.ts:2:41: ERROR: Unexpected ";"'];
const ROLLUP = ['[!] RollupError: a.ts (2:11): Expression expected', 'a.ts (2:11)'];

describe('the log of a build', () => {
  test('names the file and what is wrong there', () => {
    assert.equal(buildErrorIn(PRINTED), 'a.ts:2:11 Unexpected ";"');
    assert.equal(buildErrorIn(THROWN), '/srv/n.ts:2:41 Unexpected ";"');
    assert.equal(buildErrorIn(ROLLUP), 'a.ts:2:11 Expression expected');
  });

  test('has nothing wrong where it was built well since, or where the app itself complains', () => {
    assert.equal(buildErrorIn([...PRINTED, 'ESM ⚡️ Build success in 12ms']), null);
    assert.equal(buildErrorIn([...PRINTED, '[watch] build started (change: "a.ts")']), null);
    assert.equal(buildErrorIn([...ROLLUP, 'created dist/a.js in 30ms']), null);
    assert.equal(buildErrorIn(['[ERROR] no database', 'at connect (/srv/db.ts:2:11)']), null);
    assert.equal(buildErrorIn(['Error: no database', '/srv/db.ts:2:11']), null);
    assert.equal(buildErrorIn([]), null);
  });
});

describe('an app that never answered since its start', () => {
  const app = (outputLog: string, startedAt = 1) =>
    observationOf(managed({ outputLog, startedAt }), new FakeClock());

  function config(): TargetConfig {
    const read = readBlock({ http: 'http://127.0.0.1:3000/' }, {});
    return read.ok ? read.config : assert.fail();
  }

  test('has broken source where its log says so since then, until it builds well', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'build-'));
    t.after(() => rm(folder, { recursive: true }));
    const log = join(folder, 'out.log');
    let now = 0;
    const first = new FirstBuild({ ...systemClock, now: () => now }, FILES);
    const explain = async (startedAt?: number): Promise<Sample> => {
      now += 2_000;
      return first.explain(app(log, startedAt), config(), SILENT, false);
    };
    // What the incarnation before it wrote does not count.
    await writeFile(log, `${PRINTED.join('\n')}\n`);
    assert.equal(await explain(), SILENT);
    assert.equal(await explain(), SILENT);
    await appendFile(log, `${ROLLUP.join('\n')}\n`);
    assert.deepEqual(await explain(), {
      ...SILENT,
      class: 'source',
      detail: 'it has not come up, and its log says: a.ts:2:11 Expression expected',
    });
    assert.equal(await explain(2), SILENT);
    assert.equal(await explain(2), SILENT);
    await appendFile(log, `${PRINTED.join('\n')}\n`);
    assert.notEqual(await explain(2), SILENT);
    await appendFile(log, 'Build success in 3ms\n');
    assert.equal(await explain(2), SILENT);
    // A log that was emptied is read from its beginning.
    await writeFile(log, `${THROWN.join('\n')}\n`);
    assert.notEqual(await explain(2), SILENT);
  });

  test('is not read from a log whose length was not known', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'build-'));
    t.after(() => rm(folder, { recursive: true }));
    const log = join(folder, 'out.log');
    await writeFile(log, `${THROWN.join('\n')}\n`);
    let now = 0;
    class Hung extends BoundedFiles {
      override async size(): Promise<null> {
        return null;
      }
    }
    const clock = { ...systemClock, now: () => (now += 2_000) };
    const first = new FirstBuild(clock, new Hung(clock));
    for (let look = 0; look < 3; look += 1)
      assert.equal(await first.explain(app(log), config(), SILENT, false), SILENT);
  });

  test('has its logs read every two seconds, and not with every answer', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'build-'));
    t.after(() => rm(folder, { recursive: true }));
    const log = join(folder, 'out.log');
    let now = 0;
    const first = new FirstBuild({ ...systemClock, now: () => now }, FILES);
    const explain = (): Promise<Sample> => first.explain(app(log), config(), SILENT, false);
    await explain();
    await writeFile(log, `${THROWN.join('\n')}\n`);
    for (now = 0; now < 2_000; now += 100) assert.equal(await explain(), SILENT);
    assert.notEqual(await explain(), SILENT);
  });
});
