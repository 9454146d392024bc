import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createOsReader } from '../../src/os/create-reader.ts';
import { Pm2Sandbox, type App } from '../support/pm2-sandbox.ts';
import { portOf, smallServer } from '../support/small-server.ts';
import { holds, until } from '../support/until.ts';

/** Each app by how its operator stops it, and when. */
const NAMES = ['space', 'file', 'night-space', 'night-file', 'night-delete', 'kill'] as const;
type Name = (typeof NAMES)[number];

/** What keeps these apps down is PM2's own word; what would start them again is a hang that we see. */
describe('apps that hang, and that an operator stops by namespace, by file or for good', () => {
  let sandbox: Pm2Sandbox;
  const apps = new Map<Name, App>();

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    await sandbox.startMonitor();
    for (const name of NAMES) {
      const app = { ...(await smallServer(sandbox, name)), namespace: `of-${name}` };
      apps.set(name, app);
      // Each from a file of its own.
      await sandbox.start(app);
    }
    for (const name of NAMES) await sandbox.reaches(name, 'healthy', 60_000);
  });

  after(async () => {
    for (const name of NAMES) console.log((await sandbox.linesAbout(name)).join('\n'));
    await sandbox.destroy();
  });

  const fileOf = (name: Name): string => join(sandbox.home, `eco-${name}.config.cjs`);

  async function hang(name: Name): Promise<void> {
    process.kill((await sandbox.app(name)).pid, 'SIGSTOP');
  }

  async function isBeingRestarted(name: Name): Promise<void> {
    const begun = async (): Promise<boolean> =>
      (await sandbox.output('pm2-liveness')).includes(`${name}: restarting: `);
    await until(`we restart ${name}`, begun, { everyMs: 10, withinMs: 60_000 });
  }

  async function isDown(name: Name): Promise<boolean> {
    const now = (await sandbox.list()).find((each) => each.name === name);
    const app = apps.get(name);
    const listeners = app && (await createOsReader().listeners(portOf(app)));
    const isStopped = now === undefined || (now.pm2_env.status === 'stopped' && now.pid === 0);
    return isStopped && listeners?.length === 0;
  }

  async function staysDown(...names: readonly Name[]): Promise<void> {
    const areDown = async (): Promise<boolean> =>
      (await Promise.all(names.map(isDown))).every(Boolean);
    // What a restart of ours does may show for a moment; what counts is what stays.
    const stays = async (): Promise<boolean> => {
      await holds(`${names.join()} stays down`, 4_000, areDown);
      return true;
    };
    await until(`${names.join()} ends as the operator wanted`, stays, { withinMs: 40_000 });
  }

  test('while we restart them: they stay down', async () => {
    await hang('space');
    await isBeingRestarted('space');
    await sandbox.pm2('stop', 'of-space');
    await hang('file');
    await isBeingRestarted('file');
    await sandbox.pm2('stop', fileOf('file'));
    await staysDown('space', 'file');
    assert.equal((await sandbox.target('space')).state, 'paused');
    assert.equal((await sandbox.target('file')).state, 'paused');
  });

  test('while no monitor runs: the next one starts none of them', async () => {
    await sandbox.pm2('stop', 'pm2-liveness');
    for (const name of ['night-space', 'night-file', 'night-delete'] as const) await hang(name);
    await sandbox.pm2('stop', 'of-night-space');
    await sandbox.pm2('stop', fileOf('night-file'));
    await sandbox.pm2('delete', 'night-delete');
    await sandbox.pm2('start', 'pm2-liveness');
    await sandbox.reaches('kill', 'healthy', 60_000);
    for (const name of ['space', 'file', 'night-space', 'night-file'] as const) {
      await sandbox.reaches(name, 'paused', 30_000);
    }
    await staysDown('space', 'file', 'night-space', 'night-file', 'night-delete');
    assert.ok(!(await sandbox.list()).some(({ name }) => name === 'night-delete'));
  });

  // The last: there is no PM2 afterwards.
  test('pm2 kill while we restart one: no daemon and no app comes back', async () => {
    const daemon = await sandbox.daemon();
    await hang('kill');
    await isBeingRestarted('kill');
    await sandbox.pm2('kill');
    const isGone = async (): Promise<boolean> => {
      const table = await createOsReader().processes([daemon]);
      const app = apps.get('kill');
      const listeners = app && (await createOsReader().listeners(portOf(app)));
      const left = [...(table?.values() ?? [])].some(
        ({ command }) => command.includes('God Daemon') && command.includes(sandbox.home),
      );
      return table !== null && !table.has(daemon) && !left && listeners?.length === 0;
    };
    await until('PM2 has ended', isGone, { withinMs: 30_000 });
    await holds('nothing comes back', 5_000, isGone);
  });
});
