import assert from 'node:assert/strict';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Sink } from '../notify/channel/sink.ts';
import { AlertingPrograms, type Sampled } from '../support/alerting-programs.ts';
import { freePorts } from '../support/free-ports.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const docs = new URL('../../docs/', import.meta.url);
const cli = new URL('../../dist/cli/main.js', import.meta.url).pathname;

/** What Alertmanager sends to its receiver. */
interface Notification {
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
  }[];
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

describe("Debian's Prometheus above a real monitor", () => {
  let sandbox: Pm2Sandbox;
  let folder: string;
  let receiver: Sink;
  let port: number;
  let programs: AlertingPrograms;

  const broken = (): string => join(sandbox.home, 'broken');
  before(async () => {
    sandbox = await Pm2Sandbox.create();
    folder = await mkdtemp(join(tmpdir(), 'liveness-prom-'));
    programs = new AlertingPrograms(folder);
    receiver = await Sink.start();
    port = await freePorts(4);
    const script = join(sandbox.home, 'web.cjs');
    await writeFile(
      script,
      `const { existsSync } = require('node:fs');
       require('node:http').createServer((_, response) => {
         response.writeHead(existsSync(${JSON.stringify(broken())}) ? 500 : 200).end();
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
    await sandbox.startMonitor({ LIVENESS_HTTP: String(port + 1) });
    await sandbox.reaches('web', 'healthy');
    await startPrograms();
  });

  after(async () => {
    programs.stop();
    await receiver.stop();
    await sandbox.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  async function startPrograms(): Promise<void> {
    await mkdir(join(folder, 'hosts'));
    const { exitCode, out, text } = await sandbox.run(process.execPath, [
      cli,
      'metrics',
      '--file-sd',
    ]);
    assert.equal(exitCode, 0, text);
    await writeFile(join(folder, 'hosts', 'this.json'), out);
    // Only the waits are shorter than in the file that is shipped.
    const rules = await readFile(new URL('prometheus/rules.yml', docs), 'utf8');
    await writeFile(join(folder, 'rules.yml'), rules.replaceAll(/for: \d+m/g, 'for: 1s'));
    const example = await readFile(new URL('prometheus/prometheus.yml', docs), 'utf8');
    const config = example
      .replace('scrape_interval: 15s', 'scrape_interval: 1s\n  evaluation_interval: 1s')
      .replace('127.0.0.1:9093', `127.0.0.1:${port + 3}`);
    await writeFile(join(folder, 'prometheus.yml'), config);
    const routes = {
      route: { receiver: 'all', group_by: ['alertname'], group_wait: '1s', group_interval: '1s' },
      receivers: [
        { name: 'all', webhook_configs: [{ url: receiver.origin, send_resolved: true }] },
      ],
    };
    await writeFile(join(folder, 'alertmanager.yml'), JSON.stringify(routes));
    await programs.startAlertmanager(port + 3);
    await programs.startPrometheus(port + 2);
  }

  const ask = (query: string): Promise<readonly Sampled[]> => programs.ask(query);

  const told = (status: string, name: string): boolean =>
    receiver.requests.some(({ body }) =>
      (JSON.parse(body) as Notification).alerts.some(
        ({ status: is, labels }) => is === status && labels['alertname'] === name,
      ),
    );

  test('scrapes what `metrics --file-sd` names, without an alert while all is well', async () => {
    await until('it is scraped', async () => {
      const [up] = await ask('pm2_liveness_target_state{app="web",state="healthy"}');
      return up?.value[1] === '1';
    });
    const [observed] = await ask('pm2_liveness_observed_seconds_total{app="web"} >= 0');
    assert.ok(observed, 'the time is counted');
    assert.deepEqual(await ask('ALERTS{app="web"}'), []);
    assert.deepEqual(receiver.requests, []);
  });

  test('an app that restarts do not help: the alert reaches the webhook, and ends', async (t) => {
    const at = performance.now();
    await writeFile(broken(), '');
    await until('the alert', () => told('firing', 'PM2LivenessGaveUp'), { withinMs: 90_000 });
    t.diagnostic(`from the fault to the webhook: ${Math.round(performance.now() - at)} ms`);
    const [restarts] = await ask('pm2_liveness_restarts_total{app="web",result="done"} >= 1');
    assert.ok(restarts, 'the restarts are counted');
    const [incidents] = await ask('pm2_liveness_incidents_total{app="web",class="status"} >= 1');
    assert.ok(incidents, 'the incident is counted');
    await rm(broken());
    await sandbox.pm2('restart', 'web');
    await sandbox.reaches('web', 'healthy');
    await until('its end', () => told('resolved', 'PM2LivenessGaveUp'), { withinMs: 60_000 });
  });

  test('every query of the dashboard is one that Prometheus takes', async () => {
    const text = await readFile(new URL('grafana/pm2-liveness.json', docs), 'utf8');
    const { panels } = JSON.parse(text) as { panels: readonly Panel[] };
    const queries = panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ title, query: filled(expr) })),
    );
    assert.ok(queries.length >= 15, String(queries.length));
    const empty: string[] = [];
    for (const { title, query } of queries) {
      if ((await ask(query)).length === 0) empty.push(title);
    }
    // Nobody gets messages here, and nothing has a certificate.
    assert.deepEqual(empty, ['Messages that wait', 'Certificates: time left']);
  });

  test('a monitor that is gone is an alert', async () => {
    await sandbox.pm2('stop', 'pm2-liveness');
    await until('the alert', () => told('firing', 'PM2LivenessNotObserved'), { withinMs: 60_000 });
  });
});

/** With the variables of the dashboard as it is opened first. */
function filled(expr: string): string {
  return expr
    .replaceAll(/\$(?:job|instance|app)\b/g, '.*')
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '1h');
}
