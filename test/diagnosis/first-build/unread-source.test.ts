import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { BoundedFiles } from '../../../src/os/bounded-files.ts';
import { readBlock } from '../../../src/config/target-config.ts';
import { FirstBuild } from '../../../src/diagnosis/first-build/first-build.ts';
import {
  parserErrorAtEnd,
  UnreadSource,
} from '../../../src/diagnosis/first-build/unread-source.ts';
import { observationOf, type Observation } from '../../../src/target/observation.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { managed } from '../../support/fake-pm2.ts';

const FILES = new BoundedFiles(systemClock);

/** Recorded: an ES module under PM2 7 on Node 20. */
const MODULE = [
  'You have triggered an unhandledRejection, you may have forgotten to catch a Promise rejection:',
  "SyntaxError: Unexpected token ';'",
  'at compileSourceTextModule (node:internal/modules/esm/utils:346:16)',
  'at async ModuleJob._link (node:internal/modules/esm/module_job:148:19)',
];
const SAID = "SyntaxError: Unexpected token ';'";

describe('the end of a log', () => {
  test('names source that Node cannot read', () => {
    assert.equal(parserErrorAtEnd(MODULE), SAID);
    const common = [
      SAID,
      'at wrapSafe (node:internal/modules/cjs/loader:1464:18)',
      'Node.js v20.20.2',
    ];
    assert.equal(parserErrorAtEnd(['listening', ...common]), SAID);
  });

  test('names none where the program wrote more, and for what it reads and makes itself', () => {
    assert.equal(parserErrorAtEnd([...MODULE, 'connecting to the database']), null);
    const json = 'SyntaxError: Unexpected token } in JSON at position 4';
    assert.equal(parserErrorAtEnd([json, 'at JSON.parse (<anonymous>)']), null);
    assert.equal(parserErrorAtEnd([SAID, 'at new Function (<anonymous>)']), null);
    const missing =
      "SyntaxError: The requested module './a.mjs' does not provide an export named 'b'";
    const call = 'at ModuleJob._instantiate (node:internal/modules/esm/module_job:180:21)';
    assert.equal(parserErrorAtEnd([missing, call]), null);
    assert.equal(parserErrorAtEnd([SAID]), null);
    assert.equal(parserErrorAtEnd([]), null);
  });
});

describe('an app whose source cannot be read', () => {
  let now = 0;
  const unread = new UnreadSource({ ...systemClock, now: () => now }, FILES);

  async function find(app: Observation): Promise<string | null> {
    now += 20_000;
    return unread.find(app);
  }

  /** An app that wrote the error a minute after its start and its source. */
  async function app(t: TestContext, script = 'app.mjs'): Promise<Observation> {
    const cwd = await mkdtemp(join(tmpdir(), 'unread-'));
    const logs = await mkdtemp(join(tmpdir(), 'unread-'));
    t.after(() => Promise.all([cwd, logs].map((each) => rm(each, { recursive: true }))));
    await mkdir(join(cwd, 'node_modules'));
    await writeFile(join(cwd, 'app.mjs'), 'const a = (;');
    const errorLog = join(logs, 'error.log');
    await writeFile(errorLog, `${MODULE.join('\n')}\n`);
    const inAMinute = new Date(Date.now() + 60_000);
    await utimes(errorLog, inAMinute, inAMinute);
    const env = { pm_exec_path: join(cwd, script), exec_interpreter: 'node' };
    const startedAt = Date.now() - 60_000;
    return observationOf(managed({ cwd, errorLog, startedAt, env }), new FakeClock());
  }

  /** As a change two minutes later would. */
  async function touch(path: string): Promise<void> {
    const later = new Date(Date.now() + 120_000);
    await utimes(path, later, later);
  }

  test('is named, until a file of source is saved', async (t) => {
    const broken = await app(t);
    assert.equal(await find(broken), SAID);
    assert.equal(await find(broken), SAID);
    await touch(join(broken.cwd, 'app.mjs'));
    assert.equal(await find(broken), null);
  });

  test('is still named while the disk of its source hangs, and not newly', async (t) => {
    let isHung = false;
    class Hanging extends BoundedFiles {
      override async look<Value>(path: string, look: () => Promise<Value>): Promise<Value | null> {
        return isHung && !path.endsWith('.log') ? null : super.look(path, look);
      }
    }
    const broken = await app(t);
    for (const wasSeen of [true, false]) {
      let at = 0;
      const clock = { ...systemClock, now: () => (at += 20_000) };
      const looking = new UnreadSource(clock, new Hanging(systemClock));
      isHung = false;
      if (wasSeen) assert.equal(await looking.find(broken), SAID);
      isHung = true;
      assert.equal(await looking.find(broken), wasSeen ? SAID : null);
    }
  });

  test('may be another one where packages were installed since', async (t) => {
    const broken = await app(t);
    await touch(join(broken.cwd, 'node_modules'));
    assert.equal(await find(broken), null);
  });

  test('is not named for what an earlier incarnation wrote', async (t) => {
    const broken = await app(t);
    assert.equal(await find({ ...broken, startedAt: Date.now() + 90_000 }), null);
  });

  test('is not named where it runs from elsewhere, and without a log', async (t) => {
    assert.equal(await find(await app(t, '../elsewhere.mjs')), null);
    assert.equal(await find({ ...(await app(t)), errorLog: null }), null);
  });

  test('that answered meanwhile has it where it was written after that answer, seen at once', async (t) => {
    const broken = await app(t);
    const read = readBlock({ http: 'http://127.0.0.1:3000/' }, {});
    assert.ok(read.ok);
    const { config } = read;
    const refused = { kind: 'fail', class: 'refused', detail: 'no', at: 1, durationMs: 1 } as const;
    // The error was written a minute after now.
    for (const [goodAt, wanted] of [
      [30_000, 'source'],
      [90_000, 'refused'],
    ] as const) {
      const began = Date.now();
      const clock = { ...systemClock, now: () => 100_000, wall: () => began + 100_000 };
      const first = new FirstBuild(clock, FILES);
      first.noteGood(goodAt);
      const sample = await first.explain(broken, config, refused, true);
      assert.ok(sample.kind === 'fail' && sample.class === wanted, `${goodAt}`);
    }
  });
});
