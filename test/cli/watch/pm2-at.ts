import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ManagedProcess } from '../../../src/pm2/process.ts';
import { managed } from '../../support/fake-pm2.ts';

/** A PM2_HOME without a daemon, which this process takes for its own until the end of the test. */
export async function pm2HomeFor(t: TestContext): Promise<{ home: string; file: string }> {
  const home = await mkdtemp(join(tmpdir(), 'pl-watch-'));
  const before = process.env['PM2_HOME'];
  process.env['PM2_HOME'] = home;
  t.after(async () => {
    if (before === undefined) delete process.env['PM2_HOME'];
    else process.env['PM2_HOME'] = before;
    await rm(home, { recursive: true, force: true });
  });
  await mkdir(join(home, 'pm2-liveness'), { mode: 0o700 });
  return { home, file: join(home, 'pm2-liveness/watched.json') };
}

/** An app that PM2 would list for this very process, which runs its server. */
export function ownApp(fields: Partial<ManagedProcess> = {}): ManagedProcess {
  const startedAt = Date.now() - Math.round(process.uptime() * 1_000);
  return managed({ name: 'web', pid: process.pid, startedAt, ...fields });
}

/** Listens on a port of loopback until the test ends. */
export async function listening(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  return (server.address() as AddressInfo).port; // it listens on a port
}

/** The port of an HTTP server of this process. */
export function webPort(
  t: TestContext,
  answer: RequestListener = (_, response) => response.end('x'),
): Promise<number> {
  const server = createServer(answer);
  t.after(() => server.closeAllConnections());
  return listening(t, server);
}
