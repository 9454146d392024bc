import assert from 'node:assert/strict';
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { plainCanary, sung } from '../support/canary.ts';
import { freePort, Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';
import { until } from '../support/until.ts';

const program = join(import.meta.dirname, '../../dist/cli/main.js');

/** All that a request has in it, on one line, and what it is without base64. */
function heardIn(request: string): string {
  const logins = [...request.matchAll(/(?:Basic|PLAIN|^)\s*([\w+/=]{12,})/gm)].map(([, login]) =>
    Buffer.from(login ?? '', 'base64').toString(),
  );
  return `${request} ${logins.join(' ')}`.replace(/[^ -~]+/g, ' ').slice(0, 2_000);
}

/** How a sink answers a request that has this word in its path: each with all that it heard. */
const ANSWERS: Readonly<Record<string, (heard: string) => string>> = {
  redirect: (heard) =>
    `HTTP/1.1 302 no\r\nlocation: http://other/${encodeURIComponent(heard)}\r\ncontent-length: 0\r\n\r\n`,
  status: (heard) => `HTTP/1.1 400 no ${heard}\r\ncontent-length: ${heard.length}\r\n\r\n${heard}`,
  limit: (heard) => json('429 slow', { message: heard, retry_after: 1, global: false }),
  noHttp: (heard) => `${heard}\r\n\r\n`,
  refused: (heard) => json('401 no', { ok: false, error_code: 401, description: heard }),
  half: (heard) => `HTTP/1.1 500 ${heard}\r\ncontent-length: 99999\r\n\r\n${heard}`,
};

function json(status: string, body: unknown): string {
  const text = JSON.stringify(body);
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
}

/** Speaks HTTP as badly as it can. */
function onWeb(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.once('data', (data) => {
    const heard = heardIn(data.toString());
    const path = heard.split(' ')[1] ?? '';
    const word = Object.keys(ANSWERS).find((each) => path.includes(each)) ?? 'status';
    socket.end(ANSWERS[word]?.(heard) ?? '');
  });
}

/** Speaks SMTP up to the login, which it refuses with all that it heard. */
function onMail(socket: Socket): void {
  socket.on('error', () => undefined).setEncoding('utf8');
  socket.write('220 mail.example ESMTP\r\n');
  socket.on('data', (line: string) => {
    if (/^(?:EHLO|HELO)/.test(line)) {
      socket.write('250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n');
    } else {
      socket.end(`535 5.7.8 no ${heardIn(line)}\r\n`);
    }
  });
}

async function listen(speak: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(speak).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

describe('no secret of a channel is in anything that the monitor prints or saves', () => {
  let sandbox: Pm2Sandbox;
  let servers: readonly Server[] = [];
  /** What was said, by who said it. */
  const said = new Map<string, string>();
  let names: readonly string[] = [];

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    const [web, mail] = [await listen(onWeb), await listen(onMail)];
    servers = [web.server, mail.server];
    const script = join(sandbox.home, 'tell-me');
    await writeFile(script, '#!/bin/sh\n{ echo "no $*"; env; cat; } >&2\nexit 1\n');
    await chmod(script, 0o755);
    const at = `http://127.0.0.1:${web.port}`;
    const open = (word: string): string => `${at}/${word}/${plainCanary(word)}`;
    const closed = `http://127.0.0.1:${await freePort()}/${plainCanary('closed')}`;
    const channels: Readonly<Record<string, string>> = {
      webhook: `${open('redirect')}?t=${plainCanary('query')}&secret=${plainCanary('secret')}`,
      slack: `slack:${open('status')}`,
      discord: `discord:${open('limit')}`,
      teams: `teams:${open('noHttp')}?sig=${plainCanary('sig')}`,
      telegram: `telegram:123456:AAF-C4N4RY-0123456789-0123456789-0123456@42?api=${at}/refused`,
      ntfy: `ntfy:${at.replace('//', `//me:${plainCanary('login')}@`)}/C4N4RY-half-topic`,
      alertmanager: `alertmanager:${closed}?token=${plainCanary('token')}`,
      smtp: `smtp://me:${plainCanary('password')}@127.0.0.1:${mail.port}?to=a@example.com&tls=none`,
      smtps: `smtps://me:${plainCanary('tls')}@127.0.0.1:${web.port}?to=a@example.com`,
      exec: `exec:${script} --token ${plainCanary('argument')}`,
    };
    const file = join(sandbox.home, 'channels');
    await writeFile(file, `${Object.values(channels).join('\n')}\n`, { mode: 0o600 });
    await sandbox.start(
      await smallServer(
        sandbox,
        'web',
        { action: 'observe', startupTimeout: '1s' },
        { BROKEN: '1' },
      ),
    );
    for (const format of ['text', 'json']) {
      await sandbox.startMonitor({
        LIVENESS_LOG: format,
        LIVENESS_NOTIFY: `slak:https://hooks.slack.com/${plainCanary('wrong')} smtp:${plainCanary('nonsense')}`,
        LIVENESS_NOTIFY_FILE: file,
        LIVENESS_PING: `${at}/half/${plainCanary('ping')}`,
      });
      names = (await sandbox.status())?.notifications?.channels.map(({ name }) => name) ?? [];
      await until(
        'every channel has failed',
        async () => {
          const all = (await sandbox.status())?.notifications?.channels ?? [];
          const silent = all.filter(({ failed }) => failed === 0).map(({ name }) => name);
          if (silent.length > 0) throw new Error(`not yet: ${silent.join(', ')}`);
          return all.length > 0;
        },
        { withinMs: 120_000, everyMs: 500 },
      );
      said.set(`the log, ${format}`, await sandbox.output('pm2-liveness'));
      said.set(
        `metrics, ${format}`,
        JSON.stringify((await sandbox.app('pm2-liveness')).pm2_env.axm_monitor),
      );
      if (format === 'text') {
        await sandbox.pm2('delete', 'pm2-liveness');
        // A sink that refused for good is not asked again about the same incident.
        const kept = join(sandbox.home, 'pm2-liveness', 'notify.json');
        said.set('what was kept, text', await readFile(kept, 'utf8'));
        await rm(kept);
      }
    }
  });

  after(async () => {
    for (const server of servers) server.close();
    await sandbox.destroy();
  });

  async function cli(...args: readonly string[]): Promise<string> {
    const { text } = await sandbox.run(process.execPath, [program, ...args]);
    said.set(args.join(' '), text);
    return text;
  }

  test('every kind of channel is there', () => {
    assert.deepEqual(names, [
      'webhook',
      'slack',
      'discord',
      'teams',
      'telegram',
      'ntfy',
      'alertmanager',
      'smtp',
      'smtp-2',
      'exec',
    ]);
  });

  test('in no command, log, file or metric', async () => {
    for (const words of [
      ['status'],
      ['status', '--json'],
      ['describe', 'web'],
      ['events'],
      ['events', '--json'],
      ['doctor'],
      ['config', 'print'],
      ['config', 'print', '--json'],
      ['notify'],
      ['notify', '--json'],
      ['notify', '--test'],
      ['notify', '--test', '--json'],
      ['notify', '--test', plainCanary('wrong').slice(0, 3)],
      ['guard', 'run'],
    ]) {
      await cli(...words);
    }
    await sandbox.pm2('stop', 'pm2-liveness');
    said.set('the log, at its end', await sandbox.output('pm2-liveness'));
    const folder = join(sandbox.home, 'pm2-liveness');
    for (const file of await readdir(folder)) {
      const path = join(folder, file);
      if (!(await stat(path)).isFile()) continue;
      assert.equal((await stat(path)).mode & 0o077, 0, `${file} is its owner's alone`);
      said.set(`the file ${file}`, await readFile(path, 'utf8'));
    }
    assert.ok(said.has('the file notify.json'));
    const heard = [...said].flatMap(([who, text]) => {
      const found = sung(text);
      return found === null ? [] : [`${who}: ${found}`];
    });
    assert.deepEqual(heard, []);
  });

  test('and the test would have seen it: every channel was spoken of', () => {
    const told = said.get('notify --test') ?? '';
    for (const each of [
      /^webhook .*answered 302/m,
      /^slack .*answered 400/m,
      /^discord .*answered 429/m,
      /^teams .*(?:HTTP|HPE|answer)/m,
      /^telegram .*answered 401/m,
      /^ntfy /m,
      /^alertmanager .*ECONNREFUSED/m,
      /^smtp .*535/m,
      /^smtp-2 /m,
      /^exec .*exited with code 1/m,
      /LIVENESS_NOTIFY, line 1, channel 1: /,
    ]) {
      assert.match(told, each);
    }
  });
});
