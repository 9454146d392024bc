import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { freePorts } from '../support/free-ports.ts';
import { askPort, Load } from '../support/load.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

/** Answers 200; hangs while the file `hang` is there, and takes 200 MB where it finds the file `leak`. */
const SOURCE = `
import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
const { PORT, SWITCH } = process.env;
const kept = [];
let left = 0;
setInterval(() => {
  if (existsSync(SWITCH + '.leak')) {
    rmSync(SWITCH + '.leak');
    left = 50;
  }
  // In pieces, so that it goes on answering.
  if (left > 0) kept.push(Buffer.alloc(4_000_000, 1));
  left -= 1;
}, 40);
const server = createServer((request, response) => {
  if (existsSync(SWITCH + '.hang')) return;
  response.end('answer');
});
server.listen(Number(PORT), '127.0.0.1');
`;

/** One machine: a PM2 with the app and a monitor that listens. */
interface Side {
  readonly sandbox: Pm2Sandbox;
  readonly port: number;
  readonly http: number;
  readonly path: string;
}

describe("Debian's HAProxy over two PM2s", () => {
  const sides: Side[] = [];
  let balancer: ChildProcess;
  let ports = 0;

  before(async () => {
    const base = await freePorts(7);
    ports = base + 4;
    for (const [port, http] of [
      [base, base + 1],
      [base + 2, base + 3],
    ] as const) {
      const sandbox = await Pm2Sandbox.create();
      const path = join(sandbox.home, 'web');
      writeFileSync(`${path}.mjs`, SOURCE);
      await sandbox.start({
        name: 'web',
        script: `${path}.mjs`,
        env: { PORT: String(port), SWITCH: path },
        env_liveness: {
          http: `http://127.0.0.1:${port}/`,
          period: '500ms',
          fastPeriod: '300ms',
          startupPeriod: '200ms',
          timeout: '500ms',
          maxTreeMemory: '160M',
          drain: '3s',
        },
      });
      await sandbox.startMonitor({ LIVENESS_HTTP: String(http) });
      await sandbox.reaches('web', 'healthy');
      sides.push({ sandbox, port, http, path });
    }
    balancer = await balance(sides, ports);
  });

  after(async () => {
    balancer.kill('SIGKILL');
    for (const { sandbox } of sides) await sandbox.destroy();
  });

  test('a hang costs few requests where it asks /health/<app>', async (t) => {
    const [first] = sides;
    assert.ok(first);
    const loads = [ports, ports + 1, ports + 2].map((port) => new Load(port));
    await sleep(1_000);
    writeFileSync(`${first.path}.hang`, '');
    await first.sandbox.reaches('web', 'restarting').catch(() => undefined);
    rmSync(`${first.path}.hang`);
    await first.sandbox.reaches('web', 'healthy', 60_000);
    await sleep(2_000);
    const [none, own, ours] = await Promise.all(loads.map((load) => load.stop()));
    assert.ok(none && own && ours);
    t.diagnostic(`of ${none.all} requests each failed: ${none.failed} without a check`);
    t.diagnostic(`${own.failed} with HAProxy's own check, ${ours.failed} with /health/web`);
    assert.ok(ours.failed < none.failed, 'the answer of the monitor takes the app out');
  });

  test('a restart for its memory loses no request, because of drain', async (t) => {
    const [first] = sides;
    assert.ok(first);
    const { restarts } = await first.sandbox.target('web');
    const load = new Load(ports + 2);
    writeFileSync(`${first.path}.leak`, '');
    await until(
      'it is restarted',
      async () => (await first.sandbox.target('web')).restarts.total > restarts.total,
      { withinMs: 60_000 },
    );
    await first.sandbox.reaches('web', 'healthy', 60_000);
    await sleep(2_000);
    const { all, failed, reasons } = await load.stop();
    t.diagnostic(`of ${all} requests failed: ${failed}`);
    assert.match(await first.sandbox.output('pm2-liveness'), /in 3s \(drain\)/);
    assert.equal(failed, 0, reasons.join());
  });
});

/** Three ports: without a check, with HAProxy's own as it is by default, and with ours. */
async function balance(sides: readonly Side[], port: number): Promise<ChildProcess> {
  const servers = (more: (side: Side) => string): string =>
    sides.map((side, n) => `  server s${n} 127.0.0.1:${side.port} ${more(side)}`).join('\n');
  const [first] = sides;
  assert.ok(first);
  const file = join(first.sandbox.home, 'haproxy.cfg');
  writeFileSync(
    file,
    `defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 2s
  timeout check 1s
listen none
  bind 127.0.0.1:${port}
${servers(() => '')}
listen own
  bind 127.0.0.1:${port + 1}
  option httpchk GET /
${servers(() => 'check')}
listen ours
  bind 127.0.0.1:${port + 2}
  option httpchk GET /health/web
${servers(({ http }) => `check port ${http} inter 500ms fall 1 rise 1`)}
`,
  );
  const started = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
  await until('HAProxy answers', () => askPort(port + 2).then((reason) => reason === null));
  return started;
}
