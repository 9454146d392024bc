import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hideInStatus } from '../../src/listener/hide-in-status.ts';
import { renderPage } from '../../src/page/pages.ts';
import { facts, status, target } from '../page/made-up.ts';

const NAME = '/srv/shop/api';

test('a status document has no absolute path, but each app its name, by which its page is found', () => {
  const gone = 'cannot read /srv/shop/.env';
  const hidden = hideInStatus(
    status([target(NAME, { summary: gone }), target('~/x/y')], {
      misconfigured: [{ name: NAME, pmId: 1, isWatched: false, message: gone }],
      unwatched: [NAME],
      problems: [gone],
    }),
  );
  const [first, second] = hidden.targets;
  assert.deepEqual([first?.name, second?.name], [NAME, '~/x/y']);
  assert.equal(first?.summary, 'cannot read …');
  assert.deepEqual(hidden.misconfigured, [
    { name: NAME, pmId: 1, isWatched: false, message: 'cannot read …' },
  ]);
  assert.deepEqual([hidden.unwatched, hidden.problems], [[NAME], ['cannot read …']]);
  assert.ok(renderPage(facts(hidden), { kind: 'app', name: NAME, instance: 0 }).isFound);
});
