import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isRestartable } from '../../src/verdict/streak.ts';
import { ask } from './ask.ts';
import { factsOf, viewIn } from './fake-facts.ts';

const failure = { class: 'timeout' };

describe('/health/<app>', () => {
  const status = async (state: object, query = '', last: string | null = null): Promise<number> =>
    (await ask(factsOf([viewIn(state, { last })]), `/health/web${query}`)).status;

  test('is 200 where requests may go to the app', async () => {
    for (const state of [
      { name: 'healthy' },
      { name: 'degraded', failure },
      { name: 'failing', failure: { class: 'memory' } },
      { name: 'backoff', failure: { class: 'memory' } },
      { name: 'unknown', unfit: 'lag', resume: { name: 'healthy' } },
    ]) {
      assert.equal(await status(state), 200, JSON.stringify(state));
    }
  });

  test('is 503 where they may not', async () => {
    for (const state of [
      { name: 'starting' },
      { name: 'failing', failure },
      { name: 'restarting' },
      { name: 'backoff', failure },
      { name: 'backoff', failure: { class: 'memory' }, drainUntil: 60_000 },
      { name: 'open', failure },
      { name: 'halfOpen' },
      { name: 'paused', cause: 'stopped' },
      { name: 'unknown', blind: 'no such program', resume: { name: 'failing', failure } },
    ]) {
      assert.equal(await status(state), 503, JSON.stringify(state));
    }
    assert.equal(await status({ name: 'degraded', failure }, '?ready'), 503);
    assert.equal(await status({ name: 'failing', failure: { class: 'memory' } }, '?ready'), 503);
  });

  test('is 503 until the restart of all instances is over, though the first has answered', async () => {
    for (const state of [{ name: 'healthy' }, { name: 'paused', cause: 'operator' }]) {
      const view = viewIn(state, { last: 'ok', pending: { at: 0 } });
      const { status: code, body } = await ask(factsOf([view]), '/health/web');
      assert.deepEqual([code, String(body)], [503, 'restarting\n'], state.name);
    }
  });

  test('is as last known for an app that is paused', async () => {
    const paused = { name: 'paused', cause: 'operator' };
    assert.equal(await status(paused, '', 'ok'), 200);
    assert.equal(await status(paused, '', 'fail'), 503);
    assert.equal(await status(paused), 503);
  });

  test('a pause takes no app out that serves: one that needs too much memory, or that a restart cannot fix', async () => {
    const paused = { name: 'paused', cause: 'operator' };
    const failures = ['memory', 'misconfig', 'source', 'impostor'] as const;
    for (const failure of failures) {
      assert.ok(
        failure === 'memory' || !isRestartable({ kind: 'fail', class: failure, detail: '' }),
      );
      const facts = factsOf([viewIn(paused, { last: 'fail', failure })]);
      assert.equal((await ask(facts, '/health/web')).status, 200, failure);
      assert.equal((await ask(facts, '/health/web?ready')).status, 503, failure);
    }
  });

  test('is 503 for an app that is paused, and that PM2 has stopped or restarted since', async () => {
    const paused = { name: 'paused', cause: 'operator' };
    for (const process of [
      { status: 'stopped', hasAnswered: true },
      { status: 'errored', hasAnswered: true },
      { status: 'online', hasAnswered: false },
    ]) {
      const facts = factsOf([viewIn(paused, { last: 'ok', process })]);
      assert.equal((await ask(facts, '/health/web')).status, 503, JSON.stringify(process));
    }
  });

  test('says the same as JSON, and why it is that of an earlier time', async () => {
    const unfit = { name: 'unknown', unfit: 'C4N4RY', resume: { name: 'healthy' } };
    const { body, type } = await ask(factsOf([viewIn(unfit)]), '/health/web', {
      accept: 'application/json',
    });
    assert.match(type, /^application\/json/);
    assert.deepEqual(JSON.parse(body), {
      schemaVersion: 1,
      app: 'web',
      ok: true,
      state: 'unknown',
      since: new Date(1_700_000_000_000 - 500).toISOString(),
      note: 'as last known: the monitor cannot judge now',
    });
  });

  test('is 404 for an app that nobody watches, and 503 before PM2 was asked', async () => {
    assert.equal((await ask(factsOf([]), '/health/web')).status, 404);
    assert.equal((await ask(factsOf([], { hasLooked: () => false }), '/health/web')).status, 503);
  });

  test('is that of the worst instance, under any name', async () => {
    const name = 'a/b <script>"\u202e%2F';
    const views = [
      viewIn({ name: 'healthy' }, { name }),
      viewIn({ name: 'open', failure }, { name }),
    ];
    const { status: got, body } = await ask(factsOf(views), `/health/${encodeURIComponent(name)}`);
    assert.equal(got, 503);
    assert.equal(body, 'open\n');
  });
});

describe('/health', () => {
  test('is 200 while all apps are up, and names the others', async () => {
    const up = viewIn({ name: 'healthy' });
    const down = viewIn({ name: 'open', failure }, { name: 'api' });
    assert.equal((await ask(factsOf([]), '/health')).status, 200);
    assert.equal((await ask(factsOf([up]), '/health')).status, 200);
    const { status, body } = await ask(factsOf([up, down]), '/health', {
      accept: 'application/json',
    });
    assert.equal(status, 503);
    assert.deepEqual(JSON.parse(body), { schemaVersion: 1, ok: false, apps: 2, bad: ['api'] });
    const text = await ask(factsOf([up, down]), '/health');
    assert.equal(text.body, '1 of 2 up\n');
  });
});
