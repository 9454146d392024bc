import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { scenario, type Stage } from '../support/scenario.ts';
import { SwitchedServer } from '../support/switched-server.ts';
import { holds, until } from '../support/until.ts';
import type { Pm2Sandbox } from '../support/pm2-sandbox.ts';

/** A database, and an app that answers 503 while it is away; both are well. */
async function pair(
  stage: Stage,
  dependsOn: (db: SwitchedServer) => string,
): Promise<{ sandbox: Pm2Sandbox; db: SwitchedServer; web: SwitchedServer }> {
  const sandbox = await stage.pm2();
  const db = await SwitchedServer.create(sandbox, 'db', { action: 'observe' });
  const web = await SwitchedServer.create(sandbox, 'web', { dependsOn: [dependsOn(db)] });
  await sandbox.start(db.app, web.app);
  for (const { name } of [db, web]) await sandbox.reaches(name, 'healthy');
  return { sandbox, db, web };
}

/** True while the app is held, and neither restarted nor in an incident of its own. */
async function isHeld(sandbox: Pm2Sandbox, reason: RegExp): Promise<boolean> {
  const { incident, restarts, summary } = await sandbox.target('web');
  return incident === null && restarts.total === 0 && reason.test(summary);
}

scenario(45, 'by name: the app fails first, then its dependency is asked', async (stage) => {
  const { sandbox, db, web } = await pair(stage, ({ name }) => name);
  await web.on('bad');
  await db.on('bad');
  await until('it is held', () => isHeld(sandbox, /^held: db is down; failing /));
  await holds('it is held on', 4_000, () => isHeld(sandbox, /^held: db is down; failing /));
  await db.off('bad');
  await web.off('bad');
  const { state, restarts } = await sandbox.reaches('web', 'healthy');
  assert.equal(restarts.total, 0);
  // What fails with its dependency up is restarted as ever.
  await web.on('bad');
  await until('it is restarted', async () => (await sandbox.target('web')).restarts.total === 1);
  return { restarts: restarts.total, to200Ms: null, final: state };
});

scenario(45, 'by name: the operator stops the dependency, and starts it again', async (stage) => {
  const { sandbox, web } = await pair(stage, ({ name }) => name);
  await sandbox.pm2('stop', 'db');
  await web.on('bad');
  await until('it is held', () => isHeld(sandbox, /^held: db is stopped in PM2; /));
  await sleep(2_000);
  await sandbox.pm2('start', 'db');
  await web.off('bad');
  const { state, restarts } = await sandbox.reaches('web', 'healthy');
  assert.equal(restarts.total, 0);
  return { restarts: restarts.total, to200Ms: null, final: state };
});

scenario(45, 'by URL, with the dependency killed hard', async (stage) => {
  const { sandbox, db, web } = await pair(stage, ({ url }) => url);
  await sandbox.pm2('delete', 'db');
  await web.on('bad');
  await until('it is held', () => isHeld(sandbox, /^held: http:\/\/127\.0\.0\.1:\d+\/ is down; /));
  await sandbox.start(db.app);
  await web.off('bad');
  const { state, restarts } = await sandbox.reaches('web', 'healthy');
  assert.equal(restarts.total, 0);
  return { restarts: restarts.total, to200Ms: null, final: state };
});

scenario(45, 'PM2 gives the app up while its dependency is down', async (stage) => {
  const { sandbox, db } = await pair(stage, ({ name }) => name);
  await db.on('bad');
  const script = `if (!(await fetch('${db.url}')).ok) process.exit(3); setInterval(() => {}, 1e3);`;
  const file = join(sandbox.home, 'needy.mjs');
  await writeFile(file, script);
  const env_liveness = { exec: ['true'], dependsOn: 'db', period: '500ms' };
  await sandbox.start({
    name: 'web2',
    script: file,
    max_restarts: 3,
    min_uptime: '20s',
    env_liveness,
  });
  const held = await until('PM2 gives it up', async () => {
    const target = await sandbox.target('web2');
    return target.state === 'open' && target.heldBy === 'db is down' && target;
  });
  assert.equal(held.incident, null);
  await db.off('bad');
  const { state, restarts } = await sandbox.reaches('web2', 'healthy', 15_000);
  assert.equal(restarts.total, 1);
  return { restarts: restarts.total, to200Ms: null, final: state };
});

scenario(45, 'a cycle of three is named, and each of them is watched', async (stage) => {
  const sandbox = await stage.pm2();
  const ring = ['a', 'b', 'c'];
  const servers = await Promise.all(
    ring.map((name, at) =>
      SwitchedServer.create(sandbox, name, { dependsOn: ring[(at + 1) % ring.length] }),
    ),
  );
  await sandbox.start(...servers.map(({ app }) => app));
  for (const name of ring) await sandbox.reaches(name, 'healthy');
  const document = await sandbox.status();
  const texts = document?.misconfigured.map(({ message }) => message).join('\n') ?? '';
  assert.match(texts, /^a: .*\n.*a cycle: a → b → c → a/m);
  await servers[0]?.on('bad');
  await until('one is restarted', async () => (await sandbox.target('a')).restarts.total > 0);
  return { restarts: 1, to200Ms: null, final: 'healthy' };
});
