import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { backgroundServer, isThere } from '../support/background-server.ts';
import { scenario, type Figures, type Stage } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';
import { statusOf } from '../support/vite-app.ts';

/** The server is started, PM2 restarts the app, and for a while nothing may happen to the server. */
async function play(
  stage: Stage,
  isWatching: boolean,
  fields: Readonly<Record<string, unknown>>,
): Promise<Figures> {
  const sandbox = await stage.pm2();
  const { app, url, pid } = await backgroundServer(stage, sandbox, 'web', isWatching, fields);
  await sandbox.start(app);
  await until('the server answers', async () => (await statusOf(url, 500)) === 200);
  const server = pid();
  await sandbox.pm2('restart', 'web');
  if (fields['max_restarts'] === 5) {
    const isGivenUp = async (): Promise<boolean> =>
      (await sandbox.app('web')).pm2_env.status === 'errored';
    await until('PM2 has given it up', isGivenUp, { withinMs: 30_000 });
    await sandbox.reaches('web', 'open');
  }
  const told = await until(
    'it is told that it went to the background',
    async () => {
      const { summary, restarts } = await sandbox.target('web');
      assert.equal(restarts.total, 0);
      return /went to the background/.test(summary) ? summary : null;
    },
    { withinMs: 30_000 },
  );
  assert.match(told, new RegExp(`process ${server} .*run the server in the foreground`));
  const linesBefore = (await sandbox.linesAbout('web')).length;
  assert.ok(linesBefore > 0);
  await holds('the server is left alone', 10_000, async () => {
    assert.equal(await statusOf(url, 500), 200);
    return pid() === server && isThere(server);
  });
  assert.ok(!existsSync(join(sandbox.home, 'web.server.pid.flushed')), 'it was asked to end');
  const lines = (await sandbox.linesAbout('web')).length - linesBefore;
  assert.ok(lines <= 3, `${lines} lines in 10 s`);
  const { state, restarts, summary, uptime } = await sandbox.target('web');
  assert.equal(restarts.used + restarts.total, 0);
  assert.doesNotMatch(summary, /budget is spent/);
  for (const { availability } of Object.values(uptime)) {
    assert.ok(availability === null || (availability >= 0 && availability <= 1));
  }
  return { restarts: restarts.total, to200Ms: null, final: state };
}

scenario(42, 'its script watches it', (stage) => play(stage, true, {}));

scenario(42, 'its script ends, and PM2 starts it again and again', (stage) =>
  play(stage, false, { max_restarts: 1_000 }),
);

scenario(42, 'its script ends, and PM2 gives it up', (stage) =>
  play(stage, false, { max_restarts: 5 }),
);
