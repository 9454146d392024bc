import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Message } from '../../../src/page/client/message.ts';
import { Updates, type FetchedPage, type Page } from '../../../src/page/client/updates.ts';

/** The page as a list of what it was brought to; each fetch is answered by the test. */
class FakePage implements Page {
  rev = 'a_1';
  readonly shown: string[] = [];
  readonly fetches: ((rev: string | null) => void)[] = [];

  apply({ rev }: Message): void {
    this.shown.push(rev);
  }

  fetchAgain(): Promise<FetchedPage | null> {
    return new Promise((resolve) => {
      this.fetches.push((rev) =>
        resolve(rev === null ? null : { rev, show: () => this.shown.push(`whole ${rev}`) }),
      );
    });
  }

  answer(rev: string | null): void {
    const fetching = this.fetches.shift() ?? assert.fail('nothing is fetched');
    fetching(rev);
  }
}

const part = (n: number): Message => ({ version: '1', rev: `a_${n}` });
const again = (n: number): Message => ({ ...part(n), again: true });

describe('messages of a connection', () => {
  test('are applied in their order', async () => {
    const page = new FakePage();
    const updates = new Updates(page);
    assert.equal(await updates.take(part(2)), 'current');
    assert.equal(await updates.take(part(3)), 'current');
    assert.deepEqual(page.shown, ['a_2', 'a_3']);
    assert.equal(page.rev, 'a_3');
  });

  test('wait for a page that is fetched, and only later ones are applied to it', async () => {
    const page = new FakePage();
    const updates = new Updates(page);
    const taking = updates.take(again(11));
    assert.equal(page.rev, '', 'who connects now asks for all');
    assert.equal(await updates.take(part(12)), 'behind');
    assert.equal(await updates.take(part(13)), 'behind');
    assert.deepEqual(page.shown, []);
    page.answer('a_12');
    assert.equal(await taking, 'current');
    assert.deepEqual(page.shown, ['whole a_12', 'a_13']);
    assert.equal(page.rev, 'a_13');
  });

  test('a page that cannot be fetched is asked for whole: later messages do not hide the gap', async () => {
    const page = new FakePage();
    const updates = new Updates(page);
    const taking = updates.take(again(11));
    await updates.take(part(12));
    page.answer(null);
    assert.equal(await taking, 'failed');
    assert.equal(await updates.take(part(13)), 'behind');
    assert.deepEqual(page.shown, []);
    assert.equal(page.rev, '');
  });

  test('where the page is to be fetched again meanwhile, it is, once', async () => {
    const page = new FakePage();
    const updates = new Updates(page);
    const taking = updates.take(again(11));
    await updates.take(part(12));
    await updates.take(again(13));
    page.answer('a_11');
    while (page.fetches.length === 0) await Promise.resolve();
    await updates.take(part(14));
    page.answer('a_13');
    assert.equal(await taking, 'current');
    assert.deepEqual(page.shown, ['whole a_11', 'whole a_13', 'a_14']);
    assert.equal(page.fetches.length, 0);
  });

  test('of a connection that is over change nothing, also where a fetch ends late', async () => {
    const page = new FakePage();
    const updates = new Updates(page);
    const taking = updates.take(again(11));
    updates.end();
    page.answer('a_11');
    assert.equal(await taking, 'behind');
    assert.equal(await updates.take(part(12)), 'behind');
    assert.deepEqual(page.shown, []);
    assert.equal(page.rev, '');
  });
});
