import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { withChromium } from '../support/chromium.ts';
import { until } from '../support/until.ts';
import { ViteApp } from '../support/vite-app.ts';

const WIDTHS = [320, 344, 360, 375, 390];

describe('the example page on a phone', () => {
  let app: ViteApp;
  let server: ChildProcess | null = null;

  before(async () => {
    app = await ViteApp.create();
    server = await serve(app);
  });

  after(async () => {
    if (server !== null) await stop(server);
    await rm(app.dir, { recursive: true, force: true });
  });

  test('has no sideways scroll in any state', { timeout: 120_000 }, async () => {
    await withChromium(async (browser) => {
      const page = await browser.newPage();
      await page.goto(app.url);
      await page.getByRole('status').getByText('up').waitFor();
      await fits(page, 'up');

      await write(page, 'An unbreakable-title-'.repeat(12), 'x'.repeat(400));
      await write(page, 'Second', 'short');
      await fits(page, 'up, with long notes');

      await page.emulateMedia({ colorScheme: 'dark' });
      await fits(page, 'dark');

      if (server !== null) await stop(server);
      server = null;
      await page.getByRole('status').getByText('down').waitFor();
      await fits(page, 'down');

      server = await serve(app);
      await page.getByRole('status').getByText('up').waitFor();
      await fits(page, 'back, with an outage in the list');
    });
  });
});

/** Nothing of the page reaches beyond the window, at each width of a phone. */
async function fits(page: Page, state: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 760 });
    const wide = await page.evaluate<{ scrollWidth: number; clientWidth: number }>(
      '(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }))(document.documentElement)',
    );
    assert.equal(wide.clientWidth, width, `${state}: the window is ${width} wide`);
    assert.ok(wide.scrollWidth <= width, `${state} at ${width}: ${wide.scrollWidth} wide`);
  }
}

async function write(page: Page, title: string, body: string): Promise<void> {
  await page.setViewportSize({ width: 390, height: 760 });
  await page.getByRole('button', { name: /new note/i }).click();
  await page.locator('.editor-title').fill(title);
  await page.locator('.editor-body').fill(body);
}

async function serve(app: ViteApp): Promise<ChildProcess> {
  const { script, args } = app.entry('page');
  assert.ok(typeof script === 'string' && Array.isArray(args));
  const child = spawn(process.execPath, [script, ...args], {
    cwd: app.dir,
    env: { ...process.env, CI: 'true' },
    stdio: 'ignore',
  });
  await until('the page answers', async () => (await app.page()) === 200, { withinMs: 60_000 });
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
