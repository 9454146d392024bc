import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { execa } from 'execa';
import { appDown, notice, resolved } from '../notify/notices.ts';
import { channelOf, NEVER, Sink } from '../notify/channel/sink.ts';
import { freePorts } from '../support/free-ports.ts';
import { until } from '../support/until.ts';

/** What Alertmanager sends to its receiver. */
interface Notification {
  readonly status: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

describe("Debian's Alertmanager", () => {
  let folder: string;
  let receiver: Sink;
  let server: ChildProcess;
  let url: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liveness-am-'));
    receiver = await Sink.start();
    const port = await freePorts(1);
    url = `http://127.0.0.1:${port}`;
    const config = {
      route: { receiver: 'all', group_by: ['host'], group_wait: '1s', group_interval: '1s' },
      receivers: [
        { name: 'all', webhook_configs: [{ url: receiver.origin, send_resolved: true }] },
      ],
    };
    // JSON is YAML.
    await writeFile(join(folder, 'config.yml'), JSON.stringify(config));
    server = spawn(
      'prometheus-alertmanager',
      [
        `--config.file=${join(folder, 'config.yml')}`,
        `--storage.path=${folder}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      { stdio: 'ignore' },
    );
    await until('Alertmanager is ready', async () => {
      const answer = await fetch(`${url}/-/ready`).catch(() => null);
      return answer?.ok === true;
    });
  });

  after(async () => {
    server.kill('SIGKILL');
    await receiver.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const amtool = async (
    ...words: readonly string[]
  ): Promise<readonly { labels: Record<string, string> }[]> => {
    const { stdout } = await execa('amtool', [
      'alert',
      'query',
      `--alertmanager.url=${url}`,
      '-o',
      'json',
      ...words,
    ]);
    return JSON.parse(stdout) as readonly { labels: Record<string, string> }[];
  };
  const notifications = (): readonly Notification[] =>
    receiver.requests.map(({ body }) => JSON.parse(body) as Notification);

  test('shows the alerts, groups them, and ends them', async () => {
    const channel = channelOf(`alertmanager:${url}`);
    const apps = [appDown(), appDown({ app: 'api', incident: 'i-2', severity: 'warning' })];
    for (const event of ['opened', 'reminder'] as const) {
      const result = await channel.send(notice({ event, apps }), NEVER);
      assert.equal(result.kind, 'sent', JSON.stringify(result));
    }
    await until('amtool shows both', async () => (await amtool()).length === 2);
    const [critical] = await amtool('severity=critical', 'app=web');
    assert.deepEqual(critical?.labels, {
      alertname: 'PM2AppDown',
      app: 'web',
      host: 'server1',
      job: 'pm2-liveness',
      severity: 'critical',
    });
    await until('both are in one notification', async () =>
      notifications().some(({ alerts }) => alerts.length === 2),
    );
    const [first] = notifications();
    assert.deepEqual(first?.groupLabels, { host: 'server1' });
    assert.equal(
      first?.alerts.find(({ labels }) => labels['app'] === 'web')?.annotations['summary'],
      'web is down: no answer (3 of 3 checks)',
    );

    const now = new Date().toISOString();
    const over = resolved({ resolvedAt: now });
    assert.equal((await channel.send({ ...over, severity: 'warning' }, NEVER)).kind, 'sent');
    await until('one is left', async () => {
      const left = await amtool();
      return left.length === 1 && left[0]?.labels['app'] === 'api';
    });
    await until('its end is notified', async () =>
      notifications().some(({ alerts }) =>
        alerts.some(({ status, labels }) => status === 'resolved' && labels['app'] === 'web'),
      ),
    );
  });

  test('has one alert of an incident that got worse', async () => {
    const channel = channelOf(`alertmanager:${url}`);
    const app = appDown({ app: 'worse', incident: 'i-3', severity: 'warning' });
    assert.equal((await channel.send(notice({ apps: [app] }), NEVER)).kind, 'sent');
    const severities = async (): Promise<string[]> =>
      (await amtool('app=worse')).map(({ labels }) => labels['severity'] ?? '');
    await until('it is a warning', async () => (await severities()).join(' ') === 'warning');
    const before = { severity: 'warning', at: new Date().toISOString() } as const;
    const worse = { ...app, severity: 'critical', severityBefore: before } as const;
    assert.equal((await channel.send(notice({ apps: [worse] }), NEVER)).kind, 'sent');
    await until('it is critical alone', async () => (await severities()).join(' ') === 'critical');
  });

  test('says what is wrong with an address that is not its own', async () => {
    const result = await channelOf(`alertmanager:${url}/elsewhere`).send(notice(), NEVER);
    assert.equal(result.kind, 'refused');
    assert.match(JSON.stringify(result), /answered 404/);
  });
});
