import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { describe, test } from 'node:test';
import {
  limitToAddresses,
  endpointOf,
  isSamePlace,
  locate,
  portOf,
} from '../../src/diagnosis/probed-address.ts';
import type { ProbeOptions } from '../../src/probe/probe.ts';

const tcp = (host: string, port = 3_000): ProbeOptions => ({ type: 'tcp', host, port });
const http = (url: string): ProbeOptions => ({
  type: 'http',
  url,
  method: 'GET',
  headers: {},
  status: [[200, 399]],
});
const BOTH = { port: 3_000, addresses: ['127.0.0.1', '::1'] };

describe('the address of a probe', () => {
  for (const [host, addresses] of [
    ['localhost', BOTH.addresses],
    ['LOCALHOST', BOTH.addresses],
    ['localhost.', BOTH.addresses],
    ['x.localhost', BOTH.addresses],
    ['127.1', ['127.0.0.1']],
    ['0x7f000001', ['127.0.0.1']],
    ['0.0.0.0', ['127.0.0.1']],
    ['[::]', ['::1']],
  ] as const) {
    test(host, () => {
      assert.deepEqual(endpointOf(http(`http://${host}:3000/`)), { port: 3_000, addresses });
    });
  }

  test('by a name that only a resolver knows', async () => {
    assert.equal(endpointOf(tcp('example.test')), null);
    assert.equal(await locate(tcp('example.test'), undefined), 'example.test does not resolve');
    // The address that answered needs no resolver.
    assert.deepEqual(await locate(tcp('example.test'), '192.0.2.7'), {
      port: 3_000,
      addresses: ['192.0.2.7'],
    });
    assert.deepEqual(await locate(tcp('0x7f000001'), undefined), {
      port: 3_000,
      addresses: ['127.0.0.1'],
    });
    const own = await locate(tcp(hostname()), undefined);
    assert.ok(own !== null);
  });

  test('its port, and whether two probe the same place', () => {
    assert.equal(portOf(http('https://localhost/')), 443);
    assert.equal(portOf({ type: 'heartbeat', everyMs: 1 }), null);
    assert.ok(isSamePlace(http('http://a:1/x'), http('http://a:1/y')));
    assert.ok(!isSamePlace(http('http://a:1/x'), http('http://a:2/x')));
    assert.ok(!isSamePlace(tcp('a', 1), { type: 'heartbeat', everyMs: 1 }));
  });

  test('nowhere but at some addresses', () => {
    const only = ['::1'];
    const config = { probe: tcp('localhost') };
    assert.equal(limitToAddresses(config, undefined), config);
    assert.deepEqual(limitToAddresses(config, only).probe, { ...config.probe, addresses: only });
    const beat = { probe: { type: 'heartbeat', everyMs: 1 } } as const;
    assert.equal(limitToAddresses(beat, only), beat);
  });
});
