import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import type { Message } from '../../src/page/client/message.ts';
import { LivePages, type LiveClient } from '../../src/page/live-pages.ts';
import type { PageFacts, PageName } from '../../src/page/page-facts.ts';
import type { StatusDocument } from '../../src/report/status.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { facts, history, MINUTE, NOW, status, target } from './made-up.ts';

const HOME: PageName = { kind: 'home', span: '24h' };
const WEB: PageName = { kind: 'app', name: 'web', instance: 0 };

type Heard = Omit<Message, 'version'>;

/** A client that notes what it gets. */
class Client implements LiveClient {
  readonly heard: Heard[] = [];
  isClosed = false;
  isGone = false;
  #gone = (): void => undefined;

  send(text: string): boolean {
    if (this.isGone) return false;
    const json = /^data: (.*)\n\n$/.exec(text)?.[1] ?? assert.fail(text);
    this.heard.push(JSON.parse(json) as Heard);
    return true;
  }

  onClose(gone: () => void): void {
    this.#gone = gone;
  }

  close(): void {
    this.isClosed = true;
  }

  leave(): void {
    this.isGone = true;
    this.#gone();
  }
}

describe('live pages', () => {
  let clock = new FakeClock();
  let document: StatusDocument = status([]);
  let looks = 0;
  let bugs: unknown[] = [];
  let read = (): PageFacts => facts(document);
  let pages = make();

  function make(): LivePages {
    clock = new FakeClock();
    [looks, bugs] = [0, []];
    read = () => facts(document);
    document = status([target('web'), target('api')]);
    const deps = { clock, version: '1.0.0', onBug: (error: unknown) => bugs.push(error) };
    return new LivePages({ ...deps, facts: () => ((looks += 1), read()) });
  }

  /** Second by second, as the looks are. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1_000) await clock.pass(1_000);
  }

  const revOf = (text: string): string => /data-rev="([^"]+)"/.exec(text)?.[1] ?? '';
  const fail = (name: string) => target(name, { state: 'failing', summary: 'failing 1/3 (x)' });

  afterEach(async () => {
    await pages.close();
    pages = make();
  });

  test('a page is made once a second for all who ask, and not at all while nobody does', async () => {
    await Promise.all([pages.page(HOME), pages.page(HOME), pages.page(WEB)]);
    assert.equal(looks, 1);
    await pass(60_000);
    assert.equal(looks, 1, 'nobody follows');
    await pages.page(HOME);
    assert.equal(looks, 2);
  });

  test('who follows gets only the pieces that changed, one look for all', async () => {
    const clients = [new Client(), new Client()];
    const { text } = await pages.page(HOME);
    for (const client of clients) await pages.follow(client, HOME, revOf(text));
    for (const { heard } of clients)
      assert.deepEqual(
        heard.map(({ set }) => set),
        [undefined],
      );
    document = status([fail('web'), target('api')]);
    const before = looks;
    await pass(1_000);
    assert.equal(looks, before + 1);
    for (const { heard } of clients) {
      const last = heard.at(-1);
      assert.equal(last?.title, 'web is failing. · pm2-liveness');
      assert.deepEqual(last.say, ['web: failing']);
      assert.equal(last.order?.length, 2);
      assert.ok(Object.keys(last.set ?? {}).includes('head'));
      assert.equal(Object.keys(last.set ?? {}).filter((id) => id.endsWith('-now')).length, 1);
    }
  });

  test('of two apps of one name only what changes is said', async () => {
    document = status([target('web', { pmId: 1 }), { ...fail('web'), pmId: 2 }]);
    const client = new Client();
    await pages.follow(client, HOME, revOf((await pages.page(HOME)).text));
    document = status([target('web', { pmId: 1, pid: 5 }), { ...fail('web'), pmId: 2, pid: 6 }]);
    await pass(3_000);
    document = status([fail('web'), { ...fail('web'), pmId: 2 }]);
    await pass(3_000);
    const said = client.heard.flatMap(({ say = [] }) => say);
    assert.deepEqual(said, ['web: failing']);
  });

  test('what changed between the page and its events is not lost', async () => {
    const { text } = await pages.page(HOME);
    document = status([target('web'), fail('api')]);
    await pass(2_000);
    const client = new Client();
    await pages.follow(client, HOME, revOf(text));
    assert.ok(client.heard[0]?.set?.['head']?.includes('api is failing.'));
  });

  test('who comes from another monitor, or with nonsense, fetches the page again', async () => {
    for (const have of ['', 'x', 'abc-1_7', `${revOf((await pages.page(HOME)).text)}9999`]) {
      const client = new Client();
      await pages.follow(client, HOME, have);
      assert.equal(client.heard[0]?.again, true, have);
    }
  });

  test('hears something every 15 s though nothing changes', async () => {
    const client = new Client();
    await pages.follow(client, HOME, '');
    await pass(31_000);
    assert.equal(client.heard.length, 3);
  });

  test('a slow or gone client is dropped, and then nothing is read any more', async () => {
    const [slow, gone] = [new Client(), new Client()];
    for (const client of [slow, gone]) await pages.follow(client, HOME, '');
    slow.isGone = true;
    gone.leave();
    document = status([fail('web')]);
    await pass(1_000);
    const before = looks;
    await pass(30_000);
    assert.equal(looks, before);
  });

  test('an app that goes and comes back has the page fetched again', async () => {
    const client = new Client();
    await pages.follow(client, WEB, revOf((await pages.page(WEB)).text));
    document = status([target('api')]);
    await pass(1_000);
    assert.equal(client.heard.at(-1)?.again, true);
    assert.equal((await pages.page(WEB)).isFound, false);
    document = status([target('web')]);
    await pass(1_000);
    assert.equal(client.heard.at(-1)?.again, true);
  });

  test('a look that fails is noted, and the next one goes on', async () => {
    const client = new Client();
    await pages.follow(client, HOME, '');
    read = () => assert.fail('no facts');
    await pass(1_000);
    assert.equal(bugs.length, 1);
    read = () => facts(status([fail('web')]));
    await pass(1_000);
    assert.ok(client.heard.at(-1)?.set?.['head']?.includes('web is failing.'));
  });

  test('bars and response times are made once a minute for each app and span, for all who follow', async () => {
    let made = 0;
    const counted = { ...history([]), bars: () => ((made += 1), []) };
    let at = NOW;
    read = () => ({ ...facts(document, [], { web: counted, api: counted }), at });
    for (const page of [HOME, HOME, { ...HOME, span: '7d' } as const]) {
      await pages.follow(new Client(), page, '');
    }
    await pass(5_000);
    assert.equal(made, 4);
    at += MINUTE;
    await pass(5_000);
    assert.equal(made, 8);
  });

  test('keeps a bounded number of pages, also where each request is for another app', async () => {
    for (let n = 0; n < 500; n += 1) await pages.page({ kind: 'app', name: `x${n}`, instance: 0 });
    assert.ok(pages.size <= 41, `${pages.size}`);
    await pass(20_000);
    assert.equal(pages.size, 0);
  });

  test('closing ends all who follow, and who comes later', async () => {
    const [one, late] = [new Client(), new Client()];
    await pages.follow(one, HOME, '');
    await pages.close();
    await pages.follow(late, HOME, '');
    assert.ok(one.isClosed && late.isClosed);
  });
});
