import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mostSevere, ownerAt, ownersAt, type OwnerEvidence } from '../../src/os/owner.ts';
import { localAddresses } from '../../src/os/address.ts';
import { facts, tableOf } from './support/facts.ts';

const ROOT = 100;
const VITE = 102;
const STRANGER = 200;
const DAEMON = 50;

const table = tableOf(
  facts({ pid: DAEMON }),
  facts({ pid: ROOT, ppid: DAEMON }),
  facts({ pid: 101, ppid: ROOT }),
  facts({ pid: VITE, ppid: 101 }),
  facts({ pid: STRANGER, command: 'python3 -m http.server' }),
);

const on = (address: string, pids: readonly number[] | null) => ({ address, port: 5_173, pids });

function port(
  listeners: OwnerEvidence['listeners'],
  more: Partial<OwnerEvidence> = {},
): OwnerEvidence {
  return { listeners, table, rootPids: [ROOT], localAddresses: ['192.0.2.2'], ...more };
}

const stranger = (address: string) => ({
  kind: 'stranger',
  pid: STRANGER,
  command: 'python3 -m http.server',
  address,
});

describe('who gets a connection to the port', () => {
  test('a grandchild of the app is the app', () => {
    const owner = ownerAt(port([on('127.0.0.1', [VITE])]), '127.0.0.1');
    assert.deepEqual(owner, { kind: 'app', pid: VITE, address: '127.0.0.1' });
  });

  test('nobody', () => {
    assert.deepEqual(ownerAt(port([]), '127.0.0.1'), { kind: 'none', appAt: [] });
  });

  test('nobody here, the app on the other family', () => {
    const owner = ownerAt(port([on('::1', [VITE]), on('192.0.2.2', [STRANGER])]), '127.0.0.1');
    assert.deepEqual(owner, { kind: 'none', appAt: ['::1'] });
  });

  test('the app on one family, a stranger on the other: each as what it is', () => {
    const both = port([on('::1', [VITE]), on('127.0.0.1', [STRANGER])]);
    const owners = ownersAt(both, ['127.0.0.1', '::1']);
    assert.deepEqual(owners, [
      { address: '127.0.0.1', owner: stranger('127.0.0.1') },
      { address: '::1', owner: { kind: 'app', pid: VITE, address: '::1' } },
    ]);
    assert.deepEqual(mostSevere(owners.map(({ owner }) => owner)), stranger('127.0.0.1'));
  });

  test('a stranger on the very address goes before the app on the wildcard, and the other way round', () => {
    const squatted = port([on('0.0.0.0', [VITE]), on('127.0.0.1', [STRANGER])]);
    assert.equal(ownerAt(squatted, '127.0.0.1').kind, 'stranger');
    assert.equal(ownerAt(squatted, '192.0.2.2').kind, 'app');
    const harmless = port([on('0.0.0.0', [STRANGER]), on('127.0.0.1', [VITE])]);
    assert.equal(ownerAt(harmless, '127.0.0.1').kind, 'app');
  });

  test('a wildcard of IPv6 takes IPv4 as well, not the other way round', () => {
    assert.equal(ownerAt(port([on('::', [VITE])]), '127.0.0.1').kind, 'app');
    assert.equal(ownerAt(port([on('0.0.0.0', [VITE])]), '::1').kind, 'none');
  });

  test('SO_REUSEPORT: one stranger among several gets some of the connections', () => {
    const shared = port([on('127.0.0.1', [VITE]), on('127.0.0.1', [STRANGER])]);
    assert.equal(ownerAt(shared, '127.0.0.1').kind, 'stranger');
  });

  test('one socket that the app holds with somebody else is the app (socket activation)', () => {
    assert.equal(ownerAt(port([on('::', [1, VITE])]), '::1').kind, 'app');
  });

  test('cluster mode: the daemon holds the socket for its workers', () => {
    const listeners = [on('127.0.0.1', [DAEMON])];
    assert.equal(ownerAt(port(listeners), '127.0.0.1').kind, 'stranger');
    const owner = ownerAt(port(listeners, { alsoLegitimate: [DAEMON] }), '127.0.0.1');
    assert.deepEqual(owner, { kind: 'app', pid: DAEMON, address: '127.0.0.1' });
  });

  test('without a process of its own everybody is a stranger to the app', () => {
    for (const rootPids of [[], [0]]) {
      const owner = ownerAt(port([on('127.0.0.1', [STRANGER])], { rootPids }), '127.0.0.1');
      assert.equal(owner.kind, 'stranger');
    }
  });

  for (const [what, more, listeners, kind] of [
    ["another user's socket", {}, [on('127.0.0.1', null)], 'hidden'],
    ['no listeners to be told', {}, null, 'unknown'],
    ['no processes to be told', { table: null }, [on('127.0.0.1', [VITE])], 'unknown'],
    ['the root has just died', { rootPids: [999] }, [on('127.0.0.1', [VITE])], 'unknown'],
    ['the holder has just gone', {}, [on('127.0.0.1', [998])], 'unknown'],
  ] as const) {
    test(`${what}: ${kind}`, () => {
      assert.equal(ownerAt(port(listeners, more), '127.0.0.1').kind, kind);
    });
  }

  test('a socket that nobody shows is nobody’s of the app, unless one of it shows none of its own', () => {
    const hidden = [on('127.0.0.1', null)];
    const sockets = (uid: number) => [{ address: '127.0.0.1', port: 5_173, id: '1', uid }];
    const at = (closed: readonly number[], uid: number) =>
      ownerAt(port(hidden, { closed, sockets: sockets(uid) }), '127.0.0.1');
    assert.deepEqual(at([], 33), { kind: 'outsider', uid: 33, address: '127.0.0.1' });
    assert.equal(at([], 1_000).kind, 'outsider');
    assert.equal(at([VITE], 33).kind, 'outsider');
    assert.equal(at([VITE], 1_000).kind, 'hidden');
    assert.equal(at([VITE], 0).kind, 'hidden', 'it may act as root');
  });

  test('a socket that nobody shows while the app ends is not known', () => {
    const more = { table: tableOf(facts({ pid: ROOT, state: 'zombie' })), closed: [] };
    const owner = ownerAt(port([on('127.0.0.1', [])], more), '127.0.0.1');
    assert.deepEqual(owner, { kind: 'unknown', reason: "the app's process 100 is about to end" });
  });

  test('`::` that was seen to refuse IPv4 is none for IPv4, and where the app is', () => {
    const six = port([on('::', [VITE])], { isIpv6Only: true });
    assert.deepEqual(ownerAt(six, '127.0.0.1'), { kind: 'none', appAt: ['::'] });
    assert.equal(ownerAt(six, '::1').kind, 'app');
  });

  test('another machine, or a name, is not ours to judge', () => {
    const wide = port([on('0.0.0.0', [STRANGER])]);
    assert.equal(ownerAt(wide, '198.51.100.1').kind, 'unknown');
    assert.equal(ownerAt(wide, 'localhost').kind, 'unknown');
    assert.equal(ownerAt(wide, '::ffff:127.0.0.1').kind, 'stranger');
  });

  test('no address given', () => {
    assert.equal(mostSevere([]).kind, 'unknown');
    assert.ok(localAddresses().length > 0);
  });
});
