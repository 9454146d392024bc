import assert from 'node:assert/strict';
import { scenario } from '../support/scenario.ts';
import { holds } from '../support/until.ts';
import { WatchedVite } from '../support/watched-vite.ts';

for (const { version } of [{ version: 8 }, { version: 7 }] as const) {
  scenario(14, `Vite ${version}`, async (stage) => {
    const web = await WatchedVite.start(stage, { vite: { version }, deepPeriod: '2s' });
    const repair = await web.app.edit(
      'src/App.tsx',
      (text) => `${text}\nexport const broken = (;\n`,
    );
    const beganAt = performance.now();
    const { summary } = await web.sandbox.reaches(web.name, 'degraded', 40_000);
    assert.match(summary, /src\/App\.tsx/);
    // A busy machine makes a page late now and then; the incident stays what it is.
    await holds('it is left alone', 5_000, async () => {
      const { incident, restarts } = await web.sandbox.target(web.name);
      return incident?.cause === 'source' && restarts.total === 0;
    });
    await repair();
    await web.healthy();
    assert.deepEqual(await web.restarts(), { pm2: 0, ours: 0 });
    return web.figures(performance.now() - beganAt);
  });
}

scenario(15, '', async (stage) => {
  const web = await WatchedVite.start(stage);
  const pid = await web.pid();
  const repair = await web.app.edit(
    'vite.config.mjs',
    (text) => `${text}\nexport const broken = (;\n`,
  );
  await holds('the old server goes on, and is left alone', 8_000, async () => {
    return (await web.pid()) === pid && (await web.app.page(2_000)) === 200;
  });
  await repair();
  await web.healthy();
  assert.deepEqual(await web.restarts(), { pm2: 0, ours: 0 });
  return web.figures(null);
});
