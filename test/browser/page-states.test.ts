import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
// The script of the page is there as it was built.
import { readAssets } from '../../dist/page/assets.js';
import { AccessCheck } from '../../src/listener/access.ts';
import { LISTENER_LIMITS } from '../../src/listener/limits.ts';
import { textAnswer, type Answer, type ListenerRoute } from '../../src/listener/route.ts';
import { openRoutes } from '../../src/listener/routes.ts';
import { createListenerServer, type ListenerServer } from '../../src/listener/server.ts';
import { appHref } from '../../src/page/links.ts';
import type { PageFacts } from '../../src/page/page-facts.ts';
import { systemClock } from '../../src/time/clock.ts';
import { factsOf } from '../listener/fake-facts.ts';
import { EVIL, hostile } from '../page/hostile.ts';
import { facts, NOW, status, target } from '../page/made-up.ts';
import { SCENES } from '../page/scenes.ts';
import { picture, violations, withChromium } from '../support/chromium.ts';

/** The items of the page that have a separator before them. */
const DOTS_BEFORE = `[...document.querySelectorAll('main *')].filter((part) => getComputedStyle(part, '::before').content.includes('·')).map((part) => part.outerHTML)`;

describe('every state of the page in a browser', { timeout: 900_000 }, () => {
  let shown: PageFacts = facts(status([]));
  let opened: ListenerServer;
  let closeRoutes: () => Promise<void>;
  let url = '';
  /** What the browser said of errors and of its policy. */
  let said: string[] = [];

  before(async () => {
    const clock = { ...systemClock, wall: () => NOW };
    const known = factsOf([], {
      status: () => shown.status,
      history: {
        names: () => shown.history.names(),
        of: (name, instance) => shown.history.of(name, instance),
      },
      incidents: async () => shown.incidents.all,
    });
    const onBug = (error: unknown): void => void said.push(String(error));
    const routes = openRoutes({ ...known, clock }, onBug);
    closeRoutes = () => routes.close();
    const assets = await readAssets();
    const all = new Map<string, ListenerRoute>([
      ...routes.routes,
      ['/assets/*', ({ name }) => built(assets, name)],
    ]);
    const access = new AccessCheck({ host: '127.0.0.1', port: 0 }, null, clock);
    opened = createListenerServer({
      routes: all,
      access,
      limits: LISTENER_LIMITS,
      onBug,
    });
    await new Promise<void>((resolve) => opened.server.listen(0, '127.0.0.1', resolve));
    const address = opened.server.address();
    assert.ok(address !== null && typeof address !== 'string');
    url = `http://127.0.0.1:${address.port}`;
  });

  beforeEach(() => {
    said = [];
  });

  after(async () => {
    await closeRoutes();
    opened.connections.closeAll();
    opened.server.close();
  });

  async function open(browser: BrowserContext, path = '/'): Promise<Page> {
    const page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') said.push(message.text());
    });
    page.on('pageerror', (error) => said.push(String(error)));
    page.on('dialog', (dialog) => {
      said.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.addInitScript(
      `window.refused = []; addEventListener('securitypolicyviolation', (event) => refused.push(event.violatedDirective + ' ' + event.blockedURI), true)`,
    );
    // The made-up times are of this moment; timers go on.
    await page.clock.setFixedTime(NOW);
    await page.goto(url + path);
    return page;
  }

  const sentence = (page: Page, text: string): Promise<void> =>
    page.locator('h1').filter({ hasText: text }).waitFor({ timeout: 15_000 });

  test('comes live to a page that is open, is readable at 390 and 1280 px, and has no fault that axe finds', async () => {
    await withChromium(async (browser) => {
      shown = facts(status([target('first')]));
      const page = await open(browser);
      await sentence(page, 'first is up');
      await page.evaluate('window.isSame = true');
      for (const [name, text, next] of SCENES) {
        shown = next;
        await sentence(page, text);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          for (const width of [390, 1280]) {
            await page.setViewportSize({ width, height: 800 });
            const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
            assert.ok(wide <= width, `${name} at ${width}: ${wide} wide`);
            // A line can begin with what stands before an item, and not with what stands after one.
            assert.deepEqual(await page.evaluate(DOTS_BEFORE), [], name);
            await picture(page, `state-${name}-${width}-${colorScheme}`);
          }
          assert.deepEqual(await violations(page), [], `${name}, ${colorScheme}`);
        }
      }
      assert.equal(await page.evaluate('window.isSame'), true, 'without a reload');
      assert.deepEqual(said, []);
    });
  });

  test('is said without JavaScript too, on both pages', async () => {
    await withChromium(async (browser) => {
      const page = await open(browser);
      const session = await browser.newCDPSession(page);
      await session.send('Emulation.setScriptExecutionDisabled', { value: true });
      for (const [name, text, next] of SCENES) {
        shown = next;
        // A page is made once a second for all who ask.
        await until1s();
        await page.goto(url);
        await sentence(page, text);
        assert.equal(await page.locator('#filter').isVisible(), false);
        await picture(page, `plain-${name}`);
        const web = next.status.targets.find((each) => each.name === 'web');
        if (web === undefined) continue;
        await page.goto(url + appHref(web));
        await page.locator('#probe').waitFor();
        assert.equal(await page.locator('h1').textContent(), 'web');
        await picture(page, `plain-${name}-app`);
      }
      assert.deepEqual(said, []);
    });
  });

  test('shows a script in a name, an answer, an incident and a stack as text, and the policy has nothing to refuse', async () => {
    await withChromium(async (browser) => {
      shown = hostile;
      await until1s();
      const [evil] = hostile.status.targets;
      assert.ok(evil);
      for (const path of ['/', appHref(evil)]) {
        const page = await open(browser, path);
        await page.locator('h1').filter({ hasText: EVIL }).waitFor();
        // Live too: the pieces are made in the page, not by the parser.
        shown = {
          ...hostile,
          status: { ...hostile.status, targets: [{ ...evil, state: 'open' }] },
        };
        await page.locator('.head.bad').waitFor();
        shown = hostile;
        for (const shut of await page.locator('details:not([open])').all()) {
          await shut.evaluate('(part) => { part.open = true; }').catch(() => undefined);
        }
        assert.deepEqual(await page.evaluate('refused'), [], path);
        assert.equal(await page.locator('main img, main script').count(), 0);
        assert.deepEqual(await violations(page), []);
        await picture(page, `evil${path === '/' ? '' : '-app'}`);
        assert.deepEqual(said, []);
        // The same text as markup: so a policy that refuses nothing would have been seen above.
        await page.evaluate(
          `document.body.insertAdjacentHTML('beforeend', '<b onclick=1>x</b><img src=http://127.0.0.2/x>')`,
        );
        await page.waitForFunction('refused.length > 0');
        said = [];
        await page.close();
      }
    });
  });
});

/** A page is made at most once a second. */
async function until1s(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_100));
}

function built(assets: Awaited<ReturnType<typeof readAssets>>, name: string): Answer {
  const asset = assets.get(name);
  return asset === undefined ? textAnswer(404, name) : { status: 200, ...asset };
}
