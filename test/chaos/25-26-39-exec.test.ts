import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findUser } from '../../src/os/users/user-names.ts';
import { isAlive, type Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { scenario, type Figures, type Stage } from '../support/scenario.ts';
import { smallServer } from '../support/small-server.ts';
import { canTakePids } from '../support/take-pid.ts';
import { holds, until } from '../support/until.ts';

const WATCHED = { period: '60s', startupPeriod: '200ms', timeout: '5s' } as const;
const isRoot = process.getuid?.() === 0;

/** Where this machine does not let the fault be played. */
const NOT_HERE: Figures = { restarts: 0, to200Ms: null, final: 'not played: needs root' };

/** Takes the pid in the file WANTED for a child in a group of its own, and says so in the file TAKEN. */
const TAKE = `
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
const wanted = Number(readFileSync(process.env.WANTED, 'utf8'));
for (;;) {
  writeFileSync('/proc/sys/kernel/ns_last_pid', String(wanted - 1));
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  if (child.pid === wanted) break;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
writeFileSync(process.env.TAKEN, String(wanted));
setInterval(() => {}, 1_000);
`;

scenario(25, '', async (stage, context) => {
  if (!canTakePids()) {
    context.skip('only root on Linux chooses the pid of a process');
    return NOT_HERE;
  }
  const sandbox = await stage.pm2();
  const [wanted, taken] = [join(sandbox.home, 'wanted'), join(sandbox.home, 'taken')];
  const command = ['sh', '-c', `test -e ${wanted} || echo $$ > ${wanted}`];
  const server = await smallServer(sandbox, 'web');
  await sandbox.start({ ...server, env_liveness: { exec: command, ...WATCHED } });
  const { pid: before } = await sandbox.reaches('web', 'healthy');
  const script = join(sandbox.home, 'other.mjs');
  await writeFile(script, TAKE);
  await sandbox.start({ name: 'other', script, env: { WANTED: wanted, TAKEN: taken } });
  const pid = await until('its pid is given to another app', async () => {
    return Number(await readFile(taken, 'utf8').catch(() => '0')) || null;
  });
  await sandbox.pm2('restart', 'web');
  await until('the new life is asked', async () => {
    const target = await sandbox.target('web');
    return target.state === 'healthy' && target.pid !== before;
  });
  await holds('nobody else is signalled', 1_500, () => isAlive(pid) && !isDead(pid));
  return figures(sandbox, 'web');
});

/** Writes down as whom it runs; a file of the app's user, which the app may rewrite. */
const CHECK = `#!/bin/sh
{ id -u; id -g; id -G; } > who.new && env > env.new && mv env.new env && mv who.new who
`;

for (const by of ['uid in PM2', 'its own setuid'] as const) {
  scenario(26, by, async (stage, context) => {
    const user = await findUser('nobody');
    if (!isRoot || user === null) {
      context.skip('needs root, and a user nobody');
      return NOT_HERE;
    }
    const folder = await folderOf(stage, user.uid, user.gid);
    const sandbox = await stage.pm2({ monitor: false });
    await sandbox.startMonitor({ MONITORS_SECRET: 'canary' });
    const become = `process.setgroups([]); process.setgid(${user.gid}); process.setuid(${user.uid});`;
    const app =
      by === 'uid in PM2'
        ? { script: '/bin/sleep', args: ['600'], uid: 'nobody' }
        : { script: process.execPath, args: ['-e', `${become} setInterval(() => {}, 1000)`] };
    await sandbox.start({
      name: 'web',
      ...app,
      interpreter: 'none',
      cwd: folder,
      env: { APPS_OWN: 'yes' },
      // Its process is root's in its first moment.
      env_liveness: { exec: './check.sh', ...WATCHED, period: '300ms' },
    });
    await sandbox.reaches('web', 'healthy');
    const { uid, gid } = user;
    await until('it runs as the user of the app, with none of root’s groups', async () => {
      const who = await readFile(join(folder, 'who'), 'utf8').catch(() => '');
      return who === `${uid}\n${gid}\n${gid}\n` || Promise.reject(new Error(JSON.stringify(who)));
    });
    const env = await readFile(join(folder, 'env'), 'utf8');
    assert.match(env, /^APPS_OWN=yes$/m);
    assert.doesNotMatch(env, /canary|^(?:PM2_\w+|pm_\w+|name|unique_id|LIVENESS_\w+)=/m);
    return figures(sandbox, 'web');
  });
}

scenario(39, '', async (stage) => {
  const sandbox = await stage.pm2();
  const server = await smallServer(sandbox, 'web');
  const block = { exec: 'true', period: '300ms', fastPeriod: '200ms', startupPeriod: '200ms' };
  await sandbox.start(await smallServer(sandbox, 'page'), { ...server, env_liveness: block });
  await sandbox.reaches('web', 'healthy');
  const { pid } = await sandbox.app('pm2-liveness');
  limitDescriptors(pid, '3');
  const { summary } = await sandbox.reaches('web', 'unknown', 40_000);
  assert.match(summary, /out of resources: EMFILE/);
  await sandbox.reaches('page', 'unknown');
  // An error that nothing caught would have ended it at the eleventh.
  await holds('the monitor lives', 5_000, async () => {
    return (await sandbox.app('pm2-liveness')).pid === pid;
  });
  limitDescriptors(pid, '1024');
  await sandbox.reaches('web', 'healthy', 40_000);
  await sandbox.reaches('page', 'healthy', 40_000);
  assert.equal((await sandbox.app('pm2-liveness')).pid, pid);
  assert.doesNotMatch(await sandbox.output('pm2-liveness'), /a bug/i);
  return figures(sandbox, 'web');
});

async function figures(sandbox: Pm2Sandbox, name: string): Promise<Figures> {
  const { restarts, state } = await sandbox.target(name);
  assert.equal(restarts.total, 0);
  return { restarts: 0, to200Ms: null, final: state };
}

/** A folder of the app's user, with the check in it. */
async function folderOf(stage: Stage, uid: number, gid: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pl-app-'));
  stage.defer(() => rm(folder, { recursive: true, force: true }));
  const check = join(folder, 'check.sh');
  await writeFile(check, CHECK);
  for (const path of [check, folder]) {
    await chmod(path, 0o755);
    await chown(path, uid, gid);
  }
  return folder;
}

function limitDescriptors(pid: number, soft: string): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--nofile=${soft}:`]);
  assert.equal(status, 0, String(stderr));
}

/** Killed, and not cleared away yet. */
function isDead(pid: number): boolean {
  return spawnSync('ps', ['-o', 'stat=', '-p', String(pid)])
    .stdout.toString()
    .startsWith('Z');
}
