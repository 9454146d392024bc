import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask } from './ask.ts';
import { factsOf, viewIn } from './fake-facts.ts';

describe('/badge/<app>.svg', () => {
  test('shows the state in words', async () => {
    const healthy = await ask(factsOf([viewIn({ name: 'healthy' })]), '/badge/web.svg');
    assert.equal(healthy.status, 200);
    assert.match(healthy.type, /^image\/svg\+xml/);
    assert.match(healthy.body, /<title>web: up<\/title>/);
    const open = await ask(factsOf([viewIn({ name: 'open' })]), '/badge/web.svg');
    assert.match(open.body, /<title>web: open<\/title>/);
    assert.match((await ask(factsOf([]), '/badge/no.svg')).body, /<title>no: unknown<\/title>/);
  });

  test('shows the uptime of a window, and says which there are', async () => {
    const view = viewIn({ name: 'healthy' });
    const uptime = { ...view.uptime, standing: 'up' as const };
    const facts = factsOf([{ ...view, uptime }]);
    assert.match((await ask(facts, '/badge/web.svg?uptime=7d')).body, /web: 100 % in 7d</);
    assert.match(
      (await ask(factsOf([view]), '/badge/web.svg?uptime=24h')).body,
      /web: unknown in 24h</,
    );
    assert.equal((await ask(facts, '/badge/web.svg?uptime=5y')).status, 400);
    assert.equal((await ask(facts, '/badge/web.png')).status, 404);
  });

  test('shows a name with a script in it as text', async () => {
    const name = '"><script>alert(1)</script>&\u202e\u0000';
    const { body } = await ask(
      factsOf([viewIn({ name: 'healthy' }, { name })]),
      `/badge/${encodeURIComponent(name)}.svg`,
    );
    assert.doesNotMatch(body, /<script|\u202e/);
    assert.ok(!body.includes('\0'));
    assert.match(body, /&lt;script&gt;/);
  });

  test('may be shown by other sites only where a token is needed', async () => {
    const facts = factsOf([viewIn({ name: 'healthy' })]);
    assert.equal((await ask(facts, '/badge/web.svg')).headers, undefined);
    assert.deepEqual((await ask(facts, '/badge/web.svg', { isGuarded: true })).headers, {
      'cross-origin-resource-policy': 'cross-origin',
    });
  });
});
