import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { WebhookDocument } from '../../src/notify/message/webhook-document.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const KEY = 'n0t-a-r3al-key';
const TOKEN = 'cAnArY-in-the-path';

/** A receiver of webhooks that checks the signature of each, and can be down. */
class Receiver {
  readonly got: WebhookDocument[] = [];
  readonly pings: string[] = [];
  isDown = false;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts).toString();
        const url = request.url ?? '';
        if (url.startsWith('/ping')) {
          this.pings.push(`${url.slice('/ping'.length)} ${body}`.trim());
          return response.end();
        }
        if (this.isDown) return response.writeHead(503).end();
        const { 'x-liveness-timestamp': time, 'x-liveness-signature': signature } = request.headers;
        const wanted = createHmac('sha256', KEY)
          .update(`${String(time)}.${body}`)
          .digest('hex');
        if (!String(signature).endsWith(wanted)) return response.writeHead(401).end();
        this.got.push(JSON.parse(body) as WebhookDocument);
        return response.end('ok');
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get said(): string {
    return this.got.map(({ event, subject }) => `${event}: ${subject}`).join('\n');
  }
}

describe('messages about an app on a real PM2', () => {
  const receiver = new Receiver();
  let sandbox: Pm2Sandbox;
  let flag: string;

  before(async () => {
    const url = await receiver.start();
    sandbox = await Pm2Sandbox.create();
    flag = join(sandbox.home, 'broken');
    const script = join(sandbox.home, 'worker.mjs');
    writeFileSync(script, 'setInterval(() => undefined, 1_000);');
    const check = join(sandbox.home, 'check.mjs');
    writeFileSync(
      check,
      `import { existsSync } from 'node:fs';
       process.exit(existsSync(${JSON.stringify(flag)}) ? 1 : 0);`,
    );
    await sandbox.start({
      name: 'worker',
      script,
      env_liveness: {
        exec: [process.execPath, check],
        period: '500ms',
        fastPeriod: '300ms',
        startupPeriod: '300ms',
        startupTimeout: '2s',
        failureThreshold: 2,
        restarts: { maxBackoff: '1s' },
      },
    });
    await sandbox.startMonitor({
      LIVENESS_NOTIFY: `${url}/hook/${TOKEN}?name=ops&secret=${KEY}`,
      LIVENESS_PING: `${url}/ping`,
    });
    await sandbox.reaches('worker', 'healthy');
  });

  after(async () => {
    receiver.stop();
    await sandbox.destroy();
  });

  test('an app that restarts do not help is one message, signed, with the command to type', async () => {
    writeFileSync(flag, '');
    await sandbox.reaches('worker', 'open', 60_000);
    await until('it is reported', () => receiver.got.length > 0, { withinMs: 60_000 });
    assert.match(
      receiver.said,
      /^opened: worker is down: its check command fails, \d restarts did/,
    );
    const [{ severity, apps } = assert.fail()] = receiver.got;
    assert.equal(severity, 'critical');
    assert.equal(apps[0]?.command, 'npx pm2-liveness describe worker');
    assert.equal(apps[0]?.end, null);
    assert.ok((apps[0]?.done.length ?? 0) > 0, JSON.stringify(apps));
  });

  test('the receiver is down when the app is well again, and the monitor is killed meanwhile: resolved once', async () => {
    receiver.isDown = true;
    rmSync(flag);
    await sandbox.pm2('restart', 'worker');
    await sandbox.reaches('worker', 'healthy');
    await until(
      'the end waits',
      async () => {
        const channel = (await sandbox.status())?.notifications?.channels[0];
        return channel?.waiting === 1 && channel.problem !== null;
      },
      { withinMs: 60_000 },
    );
    const before = (await sandbox.app('pm2-liveness')).pid;
    process.kill(before, 'SIGKILL');
    await until('another monitor leads', async () => {
      const pid = (await sandbox.status())?.monitor.pid;
      return pid !== undefined && pid !== before;
    });
    receiver.isDown = false;
    await until('the end is sent', () => receiver.got.length > 1, { withinMs: 60_000 });
    assert.match(receiver.said, /\nresolved: worker is up again after /);
    await until('nothing waits', async () => {
      const channel = (await sandbox.status())?.notifications?.channels[0];
      return channel?.waiting === 0 && channel.problem === null;
    });
    assert.equal(receiver.got.length, 2, receiver.said);
  });

  test('nothing of it shows the URL or the key, and the file is private', async () => {
    const path = join(sandbox.home, 'pm2-liveness', 'notify.json');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const state = readFileSync(path, 'utf8');
    const status = JSON.stringify(await sandbox.status());
    for (const text of [state, status, await sandbox.output('pm2-liveness')]) {
      assert.doesNotMatch(text, new RegExp(`${KEY}|${TOKEN}`));
    }
    assert.match(status, /"shown":"webhook \(127\.0\.0\.1:\d+\)"/);
  });

  test('the dead man’s switch is asked, and a stop by PM2 is on purpose', async () => {
    await until('it is asked', () => receiver.pings.includes(''));
    await sandbox.pm2('stop', 'pm2-liveness');
    await until('the stop is said', () =>
      receiver.pings.some((ping) => ping.startsWith('/log pm2-liveness was stopped on purpose')),
    );
    assert.ok(receiver.pings.includes('/start pm2-liveness leads'));
  });
});
