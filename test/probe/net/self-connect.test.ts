import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { isSelfConnected } from '../../../src/probe/net/self-connect.ts';
import { freePort, rawServer } from '../support/servers.ts';

test('a connection that met itself is known from one that was accepted', async (t) => {
  const server = await rawServer(t, () => undefined);
  const accepted = connect(server.port, '127.0.0.1');
  await new Promise((resolve) => accepted.once('connect', resolve));
  assert.equal(isSelfConnected(accepted, server.port), false);
  accepted.destroy();

  const port = await freePort(t);
  const self = connect({ port, host: '127.0.0.1', localPort: port, localAddress: '127.0.0.1' });
  const isMade = await new Promise((resolve) => {
    self.once('connect', () => resolve(true));
    self.once('error', () => resolve(false));
  });
  if (isMade !== true) return t.skip('this system does not connect a port to itself');
  assert.equal(isSelfConnected(self, port), true);
  self.destroy();
});
