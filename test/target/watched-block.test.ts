import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findUnwatched, withWatchedBlock } from '../../src/target/watched-block.ts';
import { managed } from '../support/fake-pm2.ts';

const BLOCK = { tcp: '127.0.0.1:1' };
const blockOf = (name: string): unknown =>
  name === 'web' || name === 'pm2-liveness' ? BLOCK : undefined;

describe('a block of watched.json', () => {
  test('is for an app that has none of its own', () => {
    const { block, blockFrom } = withWatchedBlock(
      managed({ name: 'web', block: undefined }),
      blockOf,
    );
    assert.deepEqual({ block, blockFrom }, { block: BLOCK, blockFrom: 'watched.json' });
  });

  test('comes after that of PM2, also after a bad one', () => {
    for (const block of [{ tcp: '127.0.0.1:2' }, null, '{http:1}']) {
      const own = managed({ name: 'web', block });
      assert.equal(withWatchedBlock(own, blockOf), own);
    }
  });

  test('is never for a monitor', () => {
    const monitor = managed({ name: 'pm2-liveness', block: undefined });
    assert.equal(withWatchedBlock(monitor, blockOf), monitor);
  });
});

test('the apps that nobody watches are listed by name, without monitors and modules', () => {
  const bare = { block: undefined };
  const processes = [
    managed({ ...bare, pmId: 0, name: 'worker' }),
    managed({ ...bare, pmId: 1, name: 'api' }),
    managed({ ...bare, pmId: 2, name: 'api' }),
    managed({ ...bare, pmId: 3, name: 'web' }),
    managed({ pmId: 4, name: 'own', block: BLOCK }),
    managed({ ...bare, pmId: 5, name: 'own' }),
    managed({ ...bare, pmId: 6, name: 'pm2-liveness' }),
    managed({
      ...bare,
      pmId: 7,
      name: 'second',
      env: { pm_exec_path: '/x/node_modules/pm2-liveness/dist/main.js' },
    }),
    managed({ ...bare, pmId: 8, name: 'pm2-logrotate', env: { pmx_module: true } }),
  ];
  assert.deepEqual(findUnwatched(processes, blockOf), ['api', 'worker']);
});
