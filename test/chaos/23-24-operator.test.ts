import assert from 'node:assert/strict';
import { InspectorClient } from '../support/inspector-client.ts';
import { freePort } from '../support/pm2-sandbox.ts';
import { scenario } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';
import { WatchedVite } from '../support/watched-vite.ts';

scenario(23, '--inspect-brk', async (stage) => {
  const inspector = await freePort();
  const web = await WatchedVite.start(stage, {
    block: { startupTimeout: '5s' },
    fields: { node_args: [`--inspect-brk=127.0.0.1:${inspector}`] },
    isWaitedFor: false,
  });
  const { summary } = await web.sandbox.reaches(web.name, 'paused');
  assert.match(summary, /^paused: it waits for a debugger \(process \d+, inspector on port \d+\)/);
  const pid = await web.pid();
  await holds('it is left alone for longer than its start may take', 8_000, async () => {
    return (await web.pid()) === pid && (await web.restarts()).ours === 0;
  });
  const client = await InspectorClient.attach(inspector);
  stage.defer(() => client.detach());
  client.send('Runtime.runIfWaitingForDebugger');
  await until('it stops at its first line', () => client.pauses === 1);
  client.send('Debugger.resume');
  const resumedAt = performance.now();
  await web.healthy();
  assert.equal(await web.pid(), pid);
  return web.figures(performance.now() - resumedAt);
});

for (const command of ['reset', 'reload', 'update'] as const) {
  scenario(24, `pm2 ${command}`, async (stage) => {
    const web = await WatchedVite.start(stage);
    const beganAt = performance.now();
    const { exitCode, text } = await web.sandbox.pm2(
      ...(command === 'update' ? [command] : [command, web.name]),
    );
    assert.equal(exitCode, 0, text);
    await until('the page answers', async () => (await web.app.page()) === 200);
    const ms = performance.now() - beganAt;
    await web.healthy();
    await holds('nothing of ours', 5_000, async () => (await web.restarts()).ours === 0);
    await web.healthy();
    const used = (await web.sandbox.target(web.name)).restarts.used;
    assert.equal(used, 0);
    const figures = await web.figures(ms);
    // It is still watched: a hang is fixed.
    await web.signal('SIGSTOP');
    await web.restarted(1, 20_000);
    await web.healthy();
    return figures;
  });
}
