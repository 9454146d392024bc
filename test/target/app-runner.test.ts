import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AppRunner } from '../../src/target/app-runner.ts';
import type { ManagedProcess } from '../../src/pm2/process.ts';
import { toManagedProcess } from '../../src/pm2/process.ts';

const DAEMON = 100;

/** An app as PM2 lists it. */
function app(env: Readonly<Record<string, unknown>> = {}, pid = 200): ManagedProcess {
  const listed = {
    pm_id: 1,
    name: 'web',
    pid,
    pm2_env: { status: 'online', pm_uptime: 5, ...env },
  };
  return toManagedProcess(listed) ?? assert.fail('no list entry');
}

interface World {
  readonly ownUid?: number | null;
  readonly onlyUid?: number | null;
  /** Who has which pid. */
  readonly processes?: Record<number, { uid: number; gid: number; parentPid: number }>;
}

function runner({ ownUid = 0, onlyUid = null, processes = {} }: World): AppRunner {
  const users = {
    findUser: async (user: string) =>
      user === 'www' || user === '33' ? { uid: 33, gid: 34 } : null,
    findGroup: async (group: string) => (group === 'web' ? 77 : null),
    userOfProcess: async (pid: number) => processes[pid] ?? null,
    daemonPid: async () => DAEMON,
  };
  return new AppRunner({ users, ownUid, onlyUid });
}

const ofUser = (uid: number, parentPid = DAEMON) => ({ 200: { uid, gid: uid + 1, parentPid } });

/** `33:34`, `ourselves`, or why not. */
async function who(world: World, of: ManagedProcess | undefined = app()): Promise<string> {
  const as = await runner(world).runAs(of);
  if (as.kind === 'unknown') return as.reason;
  return as.user === null ? 'ourselves' : `${as.user.uid}:${as.user.gid}`;
}

describe('as root', () => {
  test('the user in the PM2 settings, by number or name, with its group', async () => {
    assert.equal(await who({}, app({ uid: 33, gid: 35 })), '33:35');
    assert.equal(await who({}, app({ uid: '33', gid: 'web' })), '33:77');
    assert.equal(await who({}, app({ uid: 'www' })), '33:34');
    assert.equal(await who({ processes: ofUser(44) }, app({ uid: 44 })), '44:45');
    assert.equal(await who({ processes: ofUser(44) }, app({ gid: 9 })), '44:9');
  });

  test('else the user of its process; uid 0 counts as not set', async () => {
    assert.equal(await who({ processes: ofUser(44) }), '44:45');
    assert.equal(await who({ processes: ofUser(44) }, app({ uid: 0, gid: 0 })), '44:45');
    assert.equal(await who({ processes: ofUser(0) }), '0:1');
  });

  test('nobody where the user is not known', async () => {
    assert.match(
      await who({}, app({ uid: 'nobody-here' })),
      /does not know its user 'nobody-here'/,
    );
    assert.match(await who({}, app({ uid: 33, gid: 'none' })), /does not know its group 'none'/);
    assert.match(await who({}, app({ uid: 55 })), /the group of its user 55 is not known/);
    assert.match(await who({}), /process 200 is not there/);
    assert.match(await who({}, app({}, 0)), /while PM2 runs no process of it/);
    assert.equal((await runner({}).runAs(undefined)).kind, 'unknown');
  });

  test('a pid that is another’s by now is not the app', async () => {
    assert.match(await who({ processes: ofUser(0, 1) }), /not there, or is another's/);
  });

  test('nothing of another user’s PM2_HOME as anybody else', async () => {
    const processes = ofUser(0);
    assert.match(await who({ onlyUid: 1_000, processes }), /PM2_HOME belongs to user 1000/);
    assert.equal(await who({ onlyUid: 1_000, processes: ofUser(1_000) }), '1000:1001');
  });

  test('an incarnation whose process can no longer be read keeps its user, the next one does not', async () => {
    const processes: NonNullable<World['processes']> = ofUser(44);
    const one = runner({ processes });
    const first = await one.runAs(app());
    delete processes[200];
    assert.deepEqual(await one.runAs(app()), first);
    assert.equal((await one.runAs(app({ pm_uptime: 6 }))).kind, 'unknown');
  });
});

describe('as another user', () => {
  test('the app’s own user is ourselves', async () => {
    assert.equal(await who({ ownUid: 44, processes: ofUser(44) }), 'ourselves');
    assert.equal(await who({ ownUid: 44 }, app({}, 0)), 'ourselves');
  });

  test('any other cannot be run as', async () => {
    const why = /the app runs as user 33 and the monitor as user 44: only root/;
    assert.match(await who({ ownUid: 44, processes: ofUser(33) }), why);
    assert.match(await who({ ownUid: 44, processes: ofUser(44) }, app({ uid: 'www' })), why);
    assert.match(await who({ ownUid: 44 }), /process 200 is not there/);
  });
});

test('a system without users runs it as ourselves, with the environment of the app', async () => {
  const as = await runner({ ownUid: null }).runAs(app({ env: { A: 'b', PM2_HOME: '/p' } }));
  assert.deepEqual(as, { kind: 'as', user: null, env: { A: 'b' } });
});
