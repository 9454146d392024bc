import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { appHref, eventsHref, rowId } from '../../src/page/links.ts';
import { renderPage } from '../../src/page/pages.ts';
import { pageText } from '../../src/page/shell.ts';
import type { PageFacts, PageName } from '../../src/page/page-facts.ts';
import { EVIL, hostile } from './hostile.ts';
import { ago, facts, history, HOUR, incident, MINUTE, status, target } from './made-up.ts';

const HOME: PageName = { kind: 'home', span: '24h' };
const appPage = (name: string): PageName => ({ kind: 'app', name, instance: 0 });

function textOf(known: PageFacts, page: PageName): string {
  const { title, main } = renderPage(known, page);
  return pageText({ title, main: main(), events: eventsHref(page), rev: 'x_1', version: '1.0.0' });
}

describe('the pages', () => {
  test('show what others wrote as text, in every place', () => {
    for (const page of [HOME, appPage(EVIL)]) {
      const text = textOf(hostile, page);
      assert.doesNotMatch(text, /<script>alert|<img/);
      assert.match(text, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
      // Of ours there is one script, and none stands in the page.
      assert.deepEqual(text.match(/<script[^>]*>/g), [
        '<script type="module" src="/assets/main.js">',
      ]);
      assert.doesNotMatch(text, /\sstyle=|<style|\son\w+="/);
    }
  });

  test('the front page has every app with its state, bars, response times and last incident', () => {
    const known = facts(
      status([target('web'), target('api', { state: 'open', summary: 'gave up, retry in 5m: x' })]),
      [incident('web', HOUR, MINUTE)],
      { web: history([{ fromAgo: HOUR, ms: MINUTE }]), api: history([]) },
    );
    const text = textOf(known, HOME);
    assert.match(text, /<h1>api is down\.<\/h1>/);
    assert.ok(text.indexOf(rowId(target('api'))) < text.indexOf(`id="${rowId(target('web'))}"`));
    assert.equal(text.match(/<svg\s+class="bars"/g)?.length, 2);
    assert.equal(text.match(/<svg\s+class="spark"/g)?.length, 2);
    assert.match(text, /last incident <time/);
    assert.match(text, /retry in 5m: x/);
  });

  test('apps of one name, in different namespaces, have a row each, and the page of the worse one', () => {
    const [good, bad] = [target('api', { pmId: 4 }), target('api', { pmId: 9, state: 'open' })];
    const known = facts(status([bad, good]));
    const { order, fragments } = renderPage(known, HOME);
    assert.deepEqual(order, [`${rowId(bad)}-9`, rowId(good)]);
    assert.match(String(fragments.get(`${rowId(bad)}-9-now`)), /gave up/);
    assert.doesNotMatch(String(fragments.get(`${rowId(good)}-now`)), /gave up/);
    assert.match(textOf(known, appPage('api')), /gave up/);
  });

  test('the page of an app has its incidents with what was done, and what to type', () => {
    const name = "it's web";
    const text = textOf(
      facts(status([target(name, { state: 'open' })]), [incident(name, HOUR, MINUTE)]),
      appPage(name),
    );
    assert.match(text, /restarted as pid 5120/);
    assert.match(text, /pm2-liveness describe &#39;it&#39;\\&#39;&#39;s web&#39;/);
    assert.match(text, /pm2 trigger pm2-liveness reset/);
    assert.match(text, /recovered/);
  });

  test('an error log, which can have secrets and names of files, is on no page', () => {
    const errorLog = { writtenAt: ago(HOUR), lines: ['password=hunter2'] };
    const known = facts(status([target('web')]), [incident('web', HOUR, MINUTE, { errorLog })]);
    for (const page of [HOME, appPage('web')]) assert.doesNotMatch(textOf(known, page), /hunter2/);
  });

  test('says what to type where nothing is watched, and nothing of it while the monitor starts', () => {
    assert.match(textOf(facts(status([], { unwatched: ['web'] })), HOME), /pm2-liveness watch web/);
    const starting = facts(status([], {}, { lastRoundAt: null }));
    assert.doesNotMatch(textOf(starting, HOME), /pm2-liveness watch/);
    assert.match(textOf(starting, HOME), /They come with PM2&#39;s list|They come with PM2's list/);
  });

  test('who watches nothing yet does not say that nothing happened', () => {
    const standby = facts(status([], {}, { state: 'standby', lastRoundAt: null }));
    assert.match(textOf(standby, HOME), /The page of the monitor that leads shows them/);
    assert.doesNotMatch(textOf(standby, HOME), /Nothing happened/);
    assert.match(textOf(facts(status([target('web')])), HOME), /Nothing happened/);
  });

  test('an app that nobody watches has a page that says so', () => {
    const { isFound } = renderPage(facts(status([])), appPage('nope'));
    assert.equal(isFound, false);
    assert.match(textOf(facts(status([])), appPage('<nope>')), /&lt;nope&gt;/);
  });

  test('any name of an app has a link that a browser does not change', () => {
    const href = (name: string, instance = 0): string => appHref({ name, instance });
    assert.equal(href('a/b?c#d'), '/app/a%2Fb%3Fc%23d');
    assert.equal(href('web', 2), '/app/web?instance=2');
    for (const name of ['..', '.', 'a\ud800', '%2e%2e', ' ']) {
      const url = new URL(href(name), 'http://localhost/');
      const back =
        url.searchParams.get('name') ?? decodeURIComponent(url.pathname.slice('/app/'.length));
      assert.equal(back, name.replace('\ud800', '\ufffd'));
    }
    assert.match(rowId({ name: EVIL, instance: 0 }), /^a[0-9a-f]{12}$/);
    assert.notEqual(rowId({ name: 'a', instance: 1 }), rowId({ name: '1 a', instance: 0 }));
  });
});
