import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LazyListener } from '../../src/listener/lazy-listener.ts';
import { ListenerSession } from '../../src/listener/listener-session.ts';
import { systemClock as clock } from '../../src/time/clock.ts';
import { freePort } from '../support/pm2-sandbox.ts';
import { gate } from '../support/gate.ts';
import { until } from '../support/until.ts';

describe('a listener that is loaded while the leader works', () => {
  const lines: string[] = [];
  const log = { line: (level: string, message: string) => void lines.push(`${level} ${message}`) };
  const depsAt = (port: number) => ({ address: { host: '127.0.0.1', port }, token: null, log });
  const sessionAt = (port: number): ListenerSession => {
    const session = new ListenerSession({ ...depsAt(port), routes: new Map(), clock });
    session.start();
    return session;
  };

  test('that cannot be loaded is a warning and a line of the log, and nothing else', async () => {
    const listener = new LazyListener(depsAt(9), () => Promise.reject(new Error('gone')));
    listener.start();
    await until('it is said', () => listener.warning !== null);
    const problem = 'LIVENESS_HTTP: nothing listens, because it could not be loaded: gone';
    assert.deepEqual(
      [listener.status(), lines],
      [{ url: 'http://127.0.0.1:9', isGuarded: false, problem }, [`error ${problem}`]],
    );
    await listener.close();
  });

  test('that is closed before it was loaded frees its port', async () => {
    const port = await freePort();
    const { opened, open } = gate();
    let session: ListenerSession | null = null;
    const listener = new LazyListener(depsAt(port), async () => {
      await opened;
      session = sessionAt(port);
      return session;
    });
    listener.start();
    await listener.close();
    open();
    await until('it was loaded', () => session !== null);
    await until('nobody listens', () => session?.port === null);
  });
});
