import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { KeptApp } from '../../src/store/app-memory.ts';
import { parseDocument } from '../../src/store/document.ts';
import { processesIn, textsIn } from '../support/left-behind.ts';
import { MODULE, ModuleHome } from '../support/module-home.ts';
import { isAlive } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';
import { until } from '../support/until.ts';

/** Higher than any that we will give out. */
const HIGHER = '99.0.0';

/** The names of main files: PM2 takes a module for such an app where it has no name of its own. */
const BARE = ['main', 'index'];

describe('the module beside apps that run already', { skip: process.platform !== 'linux' }, () => {
  let home: ModuleHome;
  let lives: string;

  /** Which processes run the user's apps, and how often each was restarted. */
  async function livesOf(names: readonly string[]): Promise<string> {
    const list = (await home.sandbox.list()).filter(({ name }) => names.includes(name));
    const words = list.map(({ name, pid, pm2_env: { status, restart_time: restarts } }) => {
      return `${name} ${pid} ${status} ${restarts}`;
    });
    assert.equal(words.length, names.length, words.join());
    return words.sort().join('\n');
  }

  /** Hangs web, and waits until it is fixed. */
  async function hang(): Promise<void> {
    const { pid } = await home.sandbox.app('web');
    process.kill(pid, 'SIGSTOP');
    await until('web has a new process', async () => (await home.sandbox.app('web')).pid !== pid);
    await home.sandbox.reaches('web', 'healthy');
  }

  async function trigger(...args: string[]): Promise<void> {
    const { exitCode, text } = await home.sandbox.pm2('trigger', MODULE, ...args);
    assert.equal(exitCode, 0, text);
  }

  /** What is kept in PM2_HOME/pm2-liveness, and in it what is remembered of web. */
  async function kept(): Promise<{ texts: ReadonlyMap<string, string>; web: KeptApp }> {
    const texts = await textsIn(join(home.sandbox.home, MODULE));
    const state = parseDocument(texts.get('state.json') ?? '');
    if (typeof state === 'string') throw new Error(state);
    const web = Object.entries(state.apps).find(([key]) => key.endsWith(':web'))?.[1];
    assert.ok(web, JSON.stringify(state));
    return { texts, web };
  }

  before(async () => {
    home = await ModuleHome.create();
    const { sandbox } = home;
    const bare = BARE.map((name) => ({ name, script: join(sandbox.home, `${name}.js`) }));
    for (const { script } of bare) await writeFile(script, 'setInterval(() => {}, 60_000);\n');
    const web = await smallServer(sandbox, 'web');
    // The first id is free afterwards, so that pm2 update renumbers all apps.
    await sandbox.start({ ...web, name: 'first' }, ...bare, web);
    await sandbox.pm2('delete', 'first');
    lives = await livesOf([...BARE, 'web']);
  });

  after(() => home.destroy());

  test('its install restarts none of them', async () => {
    await home.install();
    assert.equal(await livesOf([...BARE, 'web']), lives);
    assert.equal((await home.module()).pm2_env.restart_time, 0);
  });

  test('it finds the block, fixes a hang, and leaves apps without a block alone', async () => {
    await home.sandbox.reaches('web', 'healthy');
    const targets = (await home.sandbox.status())?.targets.map(({ name }) => name);
    assert.deepEqual(targets, ['web']);
    lives = await livesOf(BARE);
    await hang();
    assert.equal((await home.sandbox.target('web')).restarts.used, 1);
    assert.equal(await livesOf(BARE), lives);
  });

  test('pm2 update: a new daemon, new ids, and all that was remembered', async () => {
    const { sandbox } = home;
    await trigger('pause', 'web');
    await sandbox.reaches('web', 'paused');
    const [daemon, { pm_id: id }] = [await sandbox.daemon(), await sandbox.app('web')];
    const { exitCode, text } = await sandbox.pm2('update');
    assert.equal(exitCode, 0, text);
    assert.notEqual(await sandbox.daemon(), daemon);
    await home.leads();
    assert.notEqual((await sandbox.app('web')).pm_id, id, 'the ids are new');
    for (const name of [...BARE, 'web', MODULE]) {
      assert.equal((await sandbox.app(name)).pm2_env.status, 'online', name);
    }
    const { summary, restarts } = await sandbox.reaches('web', 'paused');
    assert.match(summary, /paused by the operator/);
    assert.equal(restarts.used, 1);
    lives = await livesOf([...BARE, 'web']);
  });

  test('an upgrade wipes the folder of the module, keeps settings and memory, and runs', async () => {
    const { sandbox } = home;
    await home.set('liveness_failure_threshold', '4');
    const witness = join(sandbox.home, 'modules', MODULE, 'witness');
    await writeFile(witness, '');
    await home.install(await home.repack(HIGHER));
    assert.ok(!existsSync(witness), 'the folder is new');
    assert.equal((await sandbox.status())?.monitor.version, HIGHER);
    assert.equal((await home.module()).pm2_env.restart_time, 0);
    const { threshold, restarts } = await sandbox.reaches('web', 'paused');
    assert.deepEqual([threshold, restarts.used], [4, 1]);
    assert.equal(await livesOf([...BARE, 'web']), lives);
  });

  test('the new version acts, and counts on', async () => {
    await trigger('resume', 'web');
    await home.sandbox.reaches('web', 'healthy');
    lives = await livesOf(BARE);
    await hang();
    assert.equal((await home.sandbox.target('web')).restarts.used, 2);
    assert.equal(await livesOf(BARE), lives);
  });

  test('pm2 uninstall leaves no process and no folder of it, and keeps what it knows', async () => {
    const { sandbox } = home;
    await trigger('pause', 'web');
    await sandbox.reaches('web', 'paused');
    lives = await livesOf([...BARE, 'web']);
    const { pid } = await home.module();
    // Whatever else may lie there.
    await writeFile(join(sandbox.home, MODULE, 'other'), 'kept\n');
    const folder = join(sandbox.home, 'modules', MODULE);
    const before = await until('the pause is on disk', async () => {
      const found = await kept();
      return found.web.pause === null ? null : found;
    });
    assert.ok((await processesIn(folder)).includes(pid));
    await home.uninstall();
    await until('its process is gone', () => !isAlive(pid));
    assert.deepEqual(await processesIn(folder), []);
    assert.ok(!existsSync(folder));
    assert.equal(await livesOf([...BARE, 'web']), lives);
    assert.equal((await sandbox.list()).length, BARE.length + 1);
    const after = await kept();
    assert.equal(after.web.restarts.length, 2);
    assert.deepEqual(after.web.pause, before.web.pause);
    assert.equal(after.texts.get('other'), 'kept\n');
    assert.match(after.texts.get('incidents.jsonl') ?? '', /"web"/);
    for (const [name, text] of before.texts) {
      // Other files than the memory are only ever written to at their end.
      if (name !== 'state.json') assert.ok(after.texts.get(name)?.startsWith(text), name);
    }
  });

  test('installed again, it knows what it knew', async () => {
    await home.install();
    const { restarts } = await home.sandbox.reaches('web', 'paused');
    assert.equal(restarts.used, 2);
    assert.equal(await livesOf([...BARE, 'web']), lives);
    assert.deepEqual(home.registry.refused, []);
  });
});
