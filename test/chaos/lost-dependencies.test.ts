import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Stage } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';
import { FAST } from '../support/watched-vite.ts';

describe('a Vite whose optimised dependencies are removed before the first page view', () => {
  for (const { version } of [{ version: 8 }, { version: 7 }] as const) {
    test(`is restarted once, and then they are there (Vite ${version})`, async (context) => {
      const stage = new Stage();
      try {
        const [sandbox, app] = await Promise.all([
          stage.pm2({ monitor: false }),
          stage.vite({ version }),
        ]);
        const deps = join(app.dir, '.vite/deps');
        const vite = { url: app.url, deepPeriod: '3s' } as const;
        await sandbox.start(app.entry('web', { ...FAST, vite }));
        // Vite optimises what the entry imports before anybody asks for the page.
        await until('Vite has optimised', () => existsSync(join(deps, '_metadata.json')), {
          withinMs: 60_000,
        });
        await rm(deps, { recursive: true });
        const beganAt = performance.now();
        await sandbox.startMonitor();
        const restarts = async (): Promise<number> => (await sandbox.target('web')).restarts.total;
        await until('one restart of ours', async () => (await restarts()) === 1, {
          withinMs: 60_000,
        });
        context.diagnostic(`restarted after ${Math.round(performance.now() - beganAt)} ms`);
        await sandbox.reaches('web', 'healthy', 60_000);
        await holds('once is enough', 12_000, async () => {
          const { state } = await sandbox.target('web');
          return state === 'healthy' && (await restarts()) === 1;
        });
        assert.match(
          await sandbox.output('pm2-liveness'),
          /web: restarting: 3 of 3 checks failed \(signature: react\S*\.js and \d+ more answered 504 for \d+ s: Vite has lost its optimised dependencies/,
        );
      } finally {
        await stage.end();
      }
    });
  }
});
