import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { picture, violations, withChromium } from '../support/chromium.ts';
import { freePort, Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const EVIL = '<img src=x onerror=window.evil=1>';

/** An app that answers as the file beside it says. */
const SERVER = `const http = require('http'), fs = require('fs');
http.createServer((_, res) => {
  const word = fs.readFileSync(process.argv[3], 'utf8').trim();
  if (word === 'hang') return;
  res.writeHead(word === 'ok' ? 200 : 500).end(word);
}).listen(Number(process.argv[2]), '127.0.0.1');`;

describe('the status page in a browser', { timeout: 300_000 }, () => {
  let pm2: Pm2Sandbox;
  let url = '';
  let word = '';
  /** What the browser said about its policy and of errors. */
  const said: string[] = [];

  before(async () => {
    pm2 = await Pm2Sandbox.create();
    const script = join(pm2.home, 'server.cjs');
    word = join(pm2.home, 'word');
    await writeFile(script, SERVER);
    await writeFile(word, 'ok');
    const [port, steady, http] = [await freePort(), await freePort(), await freePort()];
    const good = join(pm2.home, 'good');
    await writeFile(good, 'ok');
    const block = (at: number) => ({
      http: `http://127.0.0.1:${at}/`,
      period: '500ms',
      timeout: '400ms',
      failureThreshold: 3,
      startupTimeout: '2s',
      restarts: { limit: 2, maxBackoff: '1s' },
    });
    await pm2.start(
      { name: 'web', script, args: [String(port), word], env_liveness: block(port) },
      { name: EVIL, script, args: [String(steady), good], env_liveness: block(steady) },
    );
    url = `http://127.0.0.1:${http}`;
    await pm2.startMonitor({ LIVENESS_HTTP: String(http) });
    await pm2.reaches('web', 'healthy');
    await until('the page answers', async () => (await fetch(url)).status === 200);
  });

  after(() => pm2.destroy());

  const open = async (browser: BrowserContext, path = '/'): Promise<Page> => {
    const page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') said.push(message.text());
    });
    page.on('pageerror', (error) => said.push(String(error)));
    await page.goto(url + path);
    return page;
  };

  test('is live: up, failing, down, given up and back, without a reload', async () => {
    await withChromium(async (browser) => {
      const page = await open(browser);
      await page.evaluate('window.isSame = true');
      await page.locator('h1').getByText('All 2 apps are up.').waitFor();
      await page.locator('#link.live').waitFor();
      await page.locator('#filter-text').fill('web');
      await writeFile(word, 'bad');
      await page
        .locator('h1')
        .getByText(/web is (failing|down)\./)
        .waitFor();
      await page.locator('h1').getByText('web is down.').waitFor();
      await page.locator('#rows .word').getByText('gave up').waitFor({ timeout: 90_000 });
      await page.locator('.lines .open').getByText('status').waitFor();
      await picture(page, 'down');
      assert.equal(await page.locator('#filter-text').inputValue(), 'web');
      assert.equal(await page.locator('#rows > li:visible').count(), 1);
      await writeFile(word, 'ok');
      await page.locator('h1').getByText('All 2 apps are up.').waitFor({ timeout: 60_000 });
      assert.match((await page.locator('#say').textContent()) ?? '', /web: up/);
      assert.equal(await page.evaluate('window.isSame'), true);
      assert.deepEqual(said, []);
    });
  });

  test('fits 320 to 1280 px, light and dark, and axe finds nothing', async () => {
    await withChromium(async (browser) => {
      for (const path of ['/', '/?span=90d', '/app/web']) {
        const page = await open(browser, path);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          for (const width of [320, 390, 1280]) {
            await page.setViewportSize({ width, height: 800 });
            const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
            assert.ok(wide <= width, `${path} at ${width}: ${wide} wide`);
            await picture(page, `${path.replace(/\W+/g, '-')}-${width}-${colorScheme}`);
          }
          assert.deepEqual(await violations(page), [], `${path}, ${colorScheme}`);
        }
        await page.close();
      }
      assert.deepEqual(said, []);
    });
  });

  test('shows markup in a name as text, and works without script', async () => {
    await withChromium(async (browser) => {
      const page = await open(browser);
      await page.locator('h3').getByText(EVIL).click();
      await page.locator('h1').getByText(EVIL).waitFor();
      assert.equal(await page.evaluate('window.evil'), undefined);
      const cdp = await browser.newCDPSession(page);
      await cdp.send('Emulation.setScriptExecutionDisabled', { value: true });
      await page.goto(url);
      await page.locator('h1').getByText('All 2 apps are up.').waitFor();
      assert.equal(await page.locator('#filter').isVisible(), false);
      assert.match((await page.locator('time').first().textContent()) ?? '', /UTC$/);
      await picture(page, 'no-script');
      assert.deepEqual(said, []);
    });
  });

  test('says since when it is not live where the monitor is gone', async () => {
    await withChromium(async (browser) => {
      const page = await browser.newPage();
      await page.goto(url);
      await page.locator('#link.live').waitFor();
      await pm2.pm2('stop', 'pm2-liveness');
      await page
        .locator('#lost')
        .getByText(/Not live since .*does not answer/)
        .waitFor();
      await picture(page, 'gone');
      await pm2.pm2('start', 'pm2-liveness');
      await page.locator('#lost').waitFor({ state: 'hidden', timeout: 60_000 });
      await page.locator('#link.live').waitFor();
    });
  });
});
