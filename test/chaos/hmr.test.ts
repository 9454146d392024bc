import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { freePort } from '../support/pm2-sandbox.ts';
import { Stage } from '../support/scenario.ts';
import { holds } from '../support/until.ts';
import { WatchedVite } from '../support/watched-vite.ts';

describe('a Vite whose hot reload does not reach the browser', () => {
  test('is reported and left alone, and a hang is still fixed', async (context) => {
    const stage = new Stage();
    try {
      const [sandbox, app] = await Promise.all([stage.pm2(), stage.vite()]);
      const port = await freePort();
      await app.edit('vite.config.mjs', (text) =>
        text.replace(
          'export default {',
          `export default { server: { hmr: { clientPort: ${port} } },`,
        ),
      );
      const vite = { url: app.url, deepPeriod: '1s', deepTimeout: '1s', hmr: true };
      const web = await WatchedVite.begin(sandbox, app, { block: { vite }, isWaitedFor: false });

      const { last } = await sandbox.reaches(web.name, 'degraded');
      assert.equal(last?.class, 'misconfig');
      assert.match(last.detail, new RegExp(`^hot reload does not .* 127\\.0\\.0\\.1:${port}: `));
      await holds('it is left alone', 5_000, async () => {
        const { pm2, ours } = await web.restarts();
        return pm2 === 0 && ours === 0;
      });

      await web.signal('SIGSTOP');
      const ms = await app.backAfter(performance.now());
      context.diagnostic(`200 again ${Math.round(ms)} ms after a hang`);
      assert.deepEqual(await web.restarts(), { pm2: 1, ours: 1 });
    } finally {
      await stage.end();
    }
  });
});
