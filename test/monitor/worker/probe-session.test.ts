import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { readBlock, type TargetConfig } from '../../../src/config/target-config.ts';
import { ProbeSession } from '../../../src/monitor/worker/probe-session.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { until } from '../../support/until.ts';

/** A server that accepts and gives no answer, and counts those who asked. */
async function silent(
  context: TestContext,
): Promise<{ config: TargetConfig; asked: () => number; open: () => number }> {
  const sockets = new Set<Socket>();
  let asked = 0;
  const server = createServer((socket) => {
    asked += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const http = `http://127.0.0.1:${address.port}/`;
  const read = readBlock({ http, timeout: '1500ms', fastPeriod: '100ms' }, {});
  assert.ok(read.ok);
  return { config: read.config, asked: () => asked, open: () => sockets.size };
}

function sessionOf(context: TestContext): ProbeSession {
  const unused = (): never => assert.fail('not asked for');
  const session = new ProbeSession(
    systemClock,
    unused,
    unused,
    () => undefined,
    () => undefined,
  );
  context.after(() => session.stop());
  return session;
}

describe('the probes of an incarnation', () => {
  test('overlap where they confirm a timeout, and each gives one sample', async (context) => {
    const { config, asked } = await silent(context);
    const session = sessionOf(context);
    const samples = [];
    for (const more of [2, 1, 0]) {
      samples.push(await session.ask(config, 'life', undefined, false, more));
    }
    assert.deepEqual(
      samples.map((sample) => sample.kind === 'fail' && sample.class),
      ['timeout', 'timeout', 'timeout'],
    );
    const [first, second, third] = samples.map(({ at }) => at);
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    assert.ok(first < second && second < third && third < first + 1_500);
    assert.equal(asked(), 3);
  });

  test('that no longer confirm anything are dropped: an old sample says nothing of now', async (context) => {
    const { config, asked, open } = await silent(context);
    const session = sessionOf(context);
    const first = await session.ask(config, 'life', undefined, false, 1);
    assert.equal(asked(), 2);
    const next = await session.ask(config, 'life', undefined, false, null);
    assert.ok(next.at >= first.at + 1_500, 'it is a new probe');
    assert.equal(asked(), 3);
    await until('the dropped one is closed', async () => open() === 0);
  });

  test('are all stopped with the session', async (context) => {
    const { config, asked, open } = await silent(context);
    const session = sessionOf(context);
    const sample = session.ask(config, 'life', undefined, false, 3);
    await until('two have begun', async () => asked() >= 2);
    session.stop();
    assert.equal((await sample).kind, 'unknown');
    await until('none is open', async () => open() === 0);
  });
});
