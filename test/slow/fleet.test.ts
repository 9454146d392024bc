import assert from 'node:assert/strict';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { Sink } from '../notify/channel/sink.ts';
import { AlertingPrograms } from '../support/alerting-programs.ts';
import { freePorts } from '../support/free-ports.ts';
import { askPort, Load } from '../support/load.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const prometheus = new URL('../../docs/prometheus/', import.meta.url);
const cli = new URL('../../dist/cli/main.js', import.meta.url).pathname;

/** One machine: a PM2 of its own with the app and a monitor. */
interface Host {
  readonly name: string;
  readonly sandbox: Pm2Sandbox;
  readonly port: number;
  readonly http: number;
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
}

/** What docs/FLEET.md says, each step on the real programs. */
describe('three machines under Prometheus, Alertmanager and HAProxy', () => {
  const hosts: Host[] = [];
  let programs: AlertingPrograms;
  let folder: string;
  let people: Sink;
  let base: number;

  const [PROMETHEUS, ALERTMANAGER, BALANCER] = [6, 7, 8];
  const broken = (): string => join(folder, 'broken');

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liveness-fleet-'));
    await mkdir(join(folder, 'hosts'));
    programs = new AlertingPrograms(folder);
    people = await Sink.start();
    base = await freePorts(9);
    for (const nth of [0, 1, 2]) {
      hosts.push(await startHost(`web-${nth + 1}`, base + 2 * nth, base + 2 * nth + 1));
    }
    await startPrograms();
  });

  after(async () => {
    programs.stop();
    await people.stop();
    for (const { sandbox } of hosts) await sandbox.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  async function startHost(name: string, port: number, http: number): Promise<Host> {
    const sandbox = await Pm2Sandbox.create();
    const script = join(sandbox.home, 'web.cjs');
    await writeFile(
      script,
      `const { existsSync } = require('node:fs');
       require('node:http').createServer((_, response) => {
         response.writeHead(existsSync(${JSON.stringify(broken())}) ? 500 : 200).end('answer');
       }).listen(${port}, '127.0.0.1');`,
    );
    await sandbox.start({
      name: 'web',
      script,
      env_liveness: {
        http: `http://127.0.0.1:${port}/`,
        period: '500ms',
        fastPeriod: '300ms',
        startupPeriod: '300ms',
        startupTimeout: '2s',
        failureThreshold: 2,
        restarts: { maxBackoff: '1s' },
      },
    });
    await sandbox.startMonitor({ LIVENESS_HTTP: String(http) });
    await sandbox.reaches('web', 'healthy');
    const words = ['metrics', '--file-sd', '--label', `host=${name}`, '--label', 'cluster=shop'];
    const { exitCode, out, text } = await sandbox.run(process.execPath, [cli, ...words]);
    assert.equal(exitCode, 0, text);
    await writeFile(join(folder, 'hosts', `${name}.json`), out);
    return { name, sandbox, port, http };
  }

  /** The files that are shipped, with shorter waits and the ports of this test. */
  async function copy(name: string, change: (text: string) => string): Promise<void> {
    await writeFile(join(folder, name), change(await readFile(new URL(name, prometheus), 'utf8')));
  }

  async function startPrograms(): Promise<void> {
    const sooner = (text: string): string => text.replaceAll(/for: (\d+)m/g, 'for: $1s');
    await copy('rules.yml', sooner);
    await copy('fleet-rules.yml', sooner);
    await copy('prometheus.yml', (text) =>
      text
        .replace('[rules.yml]', '[rules.yml, fleet-rules.yml]')
        .replace('scrape_interval: 15s', 'scrape_interval: 1s\n  evaluation_interval: 1s')
        .replace('127.0.0.1:9093', `127.0.0.1:${base + ALERTMANAGER}`),
    );
    await copy('alertmanager.yml', (text) =>
      text
        .replace('group_wait: 30s', 'group_wait: 1s')
        .replace('group_interval: 5m', 'group_interval: 1s')
        .replace('http://127.0.0.1:9094/', people.origin),
    );
    await writeFile(
      join(folder, 'haproxy.cfg'),
      `defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 2s
  timeout check 1s
listen web
  bind 127.0.0.1:${base + BALANCER}
  option httpchk GET /health/web
  retries 1
  option redispatch 1
${hosts.map(({ name, port, http }) => `  server ${name} 127.0.0.1:${port} check port ${http} inter 500ms fall 1 rise 1`).join('\n')}
`,
    );
    programs.start('haproxy', '-db', '-f', join(folder, 'haproxy.cfg'));
    await programs.startAlertmanager(base + ALERTMANAGER);
    await programs.startPrometheus(base + PROMETHEUS);
    const isBalanced = async (): Promise<boolean> => (await askPort(base + BALANCER)) === null;
    await until('HAProxy is ready', isBalanced, { withinMs: 60_000 });
  }

  /** Those that Alertmanager has now, also the inhibited ones. */
  async function alerts(name: string): Promise<readonly Alert[]> {
    const answer = await fetch(`http://127.0.0.1:${base + ALERTMANAGER}/api/v2/alerts`);
    const all = (await answer.json()) as readonly Alert[];
    return all.filter(({ labels }) => labels['alertname'] === name);
  }

  async function statusOfAll(): Promise<{ exitCode: number | undefined; out: string }> {
    const [first] = hosts;
    assert.ok(first);
    const words = hosts.flatMap(({ http }) => ['--host', `127.0.0.1:${http}`]);
    return first.sandbox.run(process.execPath, [cli, 'status', ...words]);
  }

  test('all are scraped, asked in one table, and get requests', async () => {
    await until('all are scraped', async () => {
      const [healthy] = await programs.ask(
        'count(pm2_liveness_target_state{state="healthy"} == 1)',
      );
      return healthy?.value[1] === '3';
    });
    const { exitCode, out } = await statusOfAll();
    assert.equal(exitCode, 0, out);
    assert.deepEqual(
      out
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(/\s+/).slice(0, 3).join(' ')),
      hosts.map(({ http }) => `127.0.0.1:${http} web healthy`),
    );
  });

  test('one dies: the others take its requests, one message says so, and it is unknown, not down', async (t) => {
    const [, , last] = hosts;
    assert.ok(last);
    const { name, http, sandbox } = last;
    const load = new Load(base + BALANCER);
    await sleep(1_000);
    const listed = await sandbox.list();
    const diesAt = Date.now();
    // As where the power fails: nobody has time for anything.
    process.kill(await sandbox.daemon(), 'SIGKILL');
    for (const { pid } of listed) process.kill(pid, 'SIGKILL');
    await until(
      'people hear of it',
      () => people.requests.some(({ body }) => body.includes('PM2LivenessHostSilent')),
      { withinMs: 60_000 },
    );
    t.diagnostic(`heard of after ${Date.now() - diesAt} ms, scraped each second and after 2 s`);
    const [alert, ...more] = await alerts('PM2LivenessHostSilent');
    assert.equal(alert?.labels['host'], name);
    assert.equal(more.length, 0);
    const { all, failed } = await load.stop();
    t.diagnostic(`of ${all} requests failed: ${failed}`);
    assert.ok(failed < all / 10);
    const { exitCode, out } = await statusOfAll();
    assert.equal(exitCode, 3, out);
    assert.match(out, new RegExp(`127.0.0.1:${http} +– +unknown`));
  });

  test('a deploy breaks it on all that are left: one alert stands for those of the hosts', async () => {
    await writeFile(broken(), '');
    await until(
      'people hear of it',
      () => people.requests.some(({ body }) => body.includes('PM2LivenessDownEverywhere')),
      { withinMs: 60_000 },
    );
    await until(
      'those of the hosts are inhibited',
      async () => {
        const each = [
          ...(await alerts('PM2LivenessGaveUp')),
          ...(await alerts('PM2LivenessTargetDown')),
        ];
        return each.length > 0 && each.every(({ status }) => status.inhibitedBy.length > 0);
      },
      { withinMs: 60_000 },
    );
    await rm(broken());
    for (const { sandbox } of hosts.slice(0, 2)) await sandbox.reaches('web', 'healthy', 120_000);
  });
});
