import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointOf, formatEndpoint } from '../../../src/probe/net/endpoint.ts';

for (const name of ['localhost', 'LOCALHOST', 'localhost.', 'app.localhost']) {
  test(`${name} is both loopback addresses, with any hosts file`, () => {
    assert.deepEqual(endpointOf(name), { kind: 'fixed', addresses: ['127.0.0.1', '::1'] });
  });
}

test('an address is itself, with brackets or without', () => {
  assert.deepEqual(endpointOf('10.0.0.1'), { kind: 'fixed', addresses: ['10.0.0.1'] });
  assert.deepEqual(endpointOf('[::1]'), { kind: 'fixed', addresses: ['::1'] });
  assert.deepEqual(endpointOf('::1'), { kind: 'fixed', addresses: ['::1'] });
});

test('a name is looked up, once at a time', async () => {
  const endpoint = endpointOf('does-not-exist.invalid');
  assert.equal(endpoint.kind, 'named');
  if (endpoint.kind !== 'named') return;
  const first = endpoint.lookUp();
  assert.equal(endpoint.lookUp(), first);
  await assert.rejects(first);
  const second = endpoint.lookUp();
  assert.notEqual(second, first);
  await assert.rejects(second);
});

test('addresses are written as people write them', () => {
  assert.equal(formatEndpoint('127.0.0.1', 80), '127.0.0.1:80');
  assert.equal(formatEndpoint('::1', 80), '[::1]:80');
});
