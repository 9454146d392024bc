import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { httpPost } from '../../../src/notify/channel/http-post.ts';
import {
  parseRetryAfter,
  resultOf,
  retryAfterOf,
} from '../../../src/notify/channel/http-result.ts';
import { loadChannels } from '../../../src/notify/channel/load-channels.ts';
import { webhookSchema } from '../../../src/notify/message/webhook-document.ts';
import { LightAbortController } from '../../../src/time/light-abort.ts';
import { plainCanary, sung } from '../../support/canary.ts';
import { ALL_NOTICES, notice } from '../notices.ts';
import { channelOf, NEVER, Sink, type Received } from './sink.ts';

const SECRET = 's3cret text&more';

/** The check that docs/NOTIFY.md shows. */
function isGenuine({ headers, body }: Received, secret: string): boolean {
  const time = String(headers['x-liveness-timestamp']);
  if (!(Math.abs(Date.now() / 1000 - Number(time)) < 300)) return false;
  const wanted = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return headers['x-liveness-signature'] === `sha256=${wanted}`;
}

describe('a webhook', () => {
  let sink: Sink;

  before(async () => {
    sink = await Sink.start();
  });

  after(() => sink.stop());

  test('is signed over time and body, and has the documented form', async () => {
    const channel = channelOf(`${sink.origin}/hook?a=1&secret=${encodeURIComponent(SECRET)}&b=%20`);
    for (const each of ALL_NOTICES) {
      assert.equal((await channel.send(each, NEVER)).kind, 'sent');
      const { last } = sink;
      assert.ok(isGenuine(last, SECRET));
      assert.ok(!isGenuine({ ...last, body: `${last.body} ` }, SECRET));
      assert.ok(!isGenuine(last, 'other'));
      assert.equal(last.path, '/hook?a=1&b=%20');
      assert.equal(last.headers['idempotency-key'], each.id);
      assert.ok(Buffer.byteLength(last.body) < 128 * 1024, String(last.body.length));
      const document = JSON.parse(last.body) as Readonly<Record<string, unknown>>;
      assert.deepEqual(Object.keys(document).toSorted(), webhookSchema.required.toSorted());
      assert.ok(String(document['subject']).length <= 60);
      assert.ok(String(document['message']).length <= 4_000);
      const apps = document['apps'] as readonly Readonly<Record<string, unknown>>[];
      const wanted = webhookSchema.properties.apps.items.required.toSorted();
      for (const app of apps) assert.deepEqual(Object.keys(app).toSorted(), wanted);
    }
  });

  test('without a secret has no signature', async () => {
    await channelOf(`${sink.origin}/`).send(notice(), NEVER);
    assert.equal(sink.last.headers['x-liveness-signature'], undefined);
  });

  test('shows nothing of its URL, also where the service repeats all of it', async () => {
    const secret = plainCanary('secret');
    const url = `${sink.origin.replace('//', `//me:${plainCanary('login')}@`)}/${plainCanary('path')}?token=${plainCanary('query')}&secret=${secret}`;
    for (const status of [200, 404, 500]) {
      sink.answer = (got, response) => {
        response.writeHead(status, `no ${got.path}`);
        response.end(`${got.path} ${JSON.stringify(got.headers)} ${secret}`);
      };
      const said = JSON.stringify(await channelOf(url).send(notice(), NEVER));
      assert.equal(sung(said), null);
      assert.ok(said.length < 300);
    }
  });

  test('hides every value of its own query, plain words too', async () => {
    for (const [query, secret] of [
      ['key=lowercasesecret', 'lowercasesecret'],
      ['key=12345', '12345'],
      ['lowercasesecret', 'lowercasesecret'],
      ['key=small%20words', 'small words'],
      ['key=small+words', 'small words'],
      ['key=some=thing', 'some=thing'],
    ] as const) {
      for (const status of [200, 403]) {
        sink.answer = (_, response) => {
          response.statusCode = status;
          response.end(`no key ${secret}`);
        };
        const said = JSON.stringify(
          await channelOf(`${sink.origin}/hook?${query}`).send(notice(), NEVER),
        );
        assert.match(said, /no key …/, query);
        assert.ok(!said.includes(secret), said);
      }
    }
    sink.answer = (_, response) => response.end('ok');
  });

  test('shows no part of a token that the service repeats, at any place of a long answer', async () => {
    const token = 'xK9dQ2vLr7TzWm4BpYc8HsNf';
    const channel = channelOf(`slack:${sink.origin}/services/T0A/B0B/${token}`);
    for (const status of [302, 308, 404]) {
      for (let pad = 60; pad <= 220; pad += 4) {
        sink.answer = (_, response) => {
          response.statusCode = status;
          response.end(`${'x'.repeat(pad)}/services/T0A/B0B/${token} and more`);
        };
        const said = JSON.stringify(await channel.send(notice(), NEVER));
        assert.ok(!said.includes(token.slice(0, 4)), said);
        assert.doesNotMatch(said, /T0A/);
      }
    }
    sink.answer = (_, response) => response.end('ok');
  });

  test('hides every word of its path', async () => {
    sink.answer = (got, response) => {
      response.statusCode = 404;
      response.end(`Cannot POST ${decodeURIComponent(got.path)}`);
    };
    const channel = channelOf(`${sink.origin}/services/abcdefghijklmnopqrst/caf%C3%A9s/?a=1`);
    const said = JSON.stringify(await channel.send(notice(), NEVER));
    assert.match(said, /answered 404: Cannot POST/);
    assert.doesNotMatch(said, /services|abcdef|caf/);
    const topic = await channelOf(`ntfy:${sink.origin}/quiet-night`).send(notice(), NEVER);
    assert.doesNotMatch(JSON.stringify(topic), /quiet/);
    sink.answer = (_, response) => response.end('ok');
  });
});

describe('one post', () => {
  const sockets = new Set<Socket>();
  let port = 0;
  let answer: (socket: Socket) => void = () => undefined;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  });

  before(async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    // as: a listening TCP server has an address and a port
    ({ port } = server.address() as AddressInfo);
  });

  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  const post = (timeoutMs = 15_000, signal: Parameters<typeof httpPost>[1] = NEVER) =>
    httpPost(
      { url: new URL(`http://127.0.0.1:${port}/`), headers: {}, body: '{}' },
      signal,
      timeoutMs,
    );

  test('ends at its deadline where the service is silent', async () => {
    answer = () => undefined;
    assert.deepEqual(await post(50), { kind: 'silent', reason: 'no answer within 0.05 s' });
  });

  test('ends when the monitor stops', async () => {
    const stopping = new LightAbortController();
    answer = () => stopping.abort();
    assert.equal((await post(15_000, stopping)).kind, 'silent');
  });

  test('counts the status of an answer whose body never ends', async () => {
    answer = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nok');
    assert.deepEqual(await post(200), {
      kind: 'answered',
      status: 200,
      retryAfter: undefined,
      body: 'ok',
    });
  });

  test('reads 16 KiB of an endless answer', async () => {
    answer = (socket) => {
      socket.write('HTTP/1.1 500 no\r\n\r\n');
      const more = (): void => {
        while (!socket.destroyed && socket.write('x'.repeat(8_192)));
      };
      socket.on('drain', more);
      more();
    };
    const answered = await post();
    assert.equal(answered.kind === 'answered' && answered.body.length, 16 * 1024);
  });

  for (const [name, bytes] of [
    ['garbage', 'SSH-2.0-OpenSSH\r\n'],
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\nx: '],
    ['a head of 1 MiB', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1_048_576)}`],
    ['another protocol', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
  ] as const) {
    test(`survives ${name}`, async () => {
      answer = (socket) => socket.end(bytes);
      assert.equal((await post()).kind, 'silent');
    });
  }
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-28T03:00:00Z');
  for (const [text, ms] of [
    ['7', 7_000],
    ['0', 0],
    ['0.25', 250],
    ['Sat, 28 Nov 2026 03:00:30 GMT', 30_000],
    ['Sat, 28 Nov 2026 02:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['9999999999', 86_400_000],
    ['1.00000000001', 1_001],
    ['-5', null],
    ['soon', null],
    ['2026', 2_026_000],
    [undefined, null],
  ] as const) {
    test(`${text} is ${ms}`, () => assert.equal(parseRetryAfter(text, now), ms));
  }

  test('in an answer is bounded too, however large the number', () => {
    for (const seconds of [99_999_999_999, 1e21, Infinity]) {
      assert.equal(retryAfterOf(seconds), 86_400_000);
    }
    assert.deepEqual([0.65, 1e-9, -1, Number.NaN, '7'].map(retryAfterOf), [
      650,
      1,
      null,
      null,
      null,
    ]);
  });

  test('comes with a 503 too', () => {
    const result = resultOf({ kind: 'answered', status: 503, retryAfter: '3', body: '<html>' });
    assert.deepEqual(result, { kind: 'retry', reason: 'answered 503', retryAfterMs: 3_000 });
  });
});

describe('a command', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liveness-exec-'));
  });

  after(() => rm(folder, { recursive: true }));

  async function program(script: string): Promise<string> {
    const path = join(folder, 'tell.sh');
    await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
    return `exec:${path}`;
  }

  test('gets the document on its input, and none of our settings', async () => {
    process.env['LIVENESS_NOTIFY'] = 'https://example.com/C4N4RY';
    try {
      const out = join(folder, 'out');
      const line = await program(`cat > ${out}; env >> ${out}; echo "told $1"`);
      const result = await channelOf(`${line} me?name=x`).send(notice(), NEVER);
      assert.deepEqual(result, { kind: 'sent', answer: 'exited with code 0: told me' });
      const { readFile } = await import('node:fs/promises');
      const said = await readFile(out, 'utf8');
      assert.match(said, /^\{"schemaVersion":1,"id":"n-1","event":"opened"/);
      assert.equal(sung(said), null);
    } finally {
      delete process.env['LIVENESS_NOTIFY'];
    }
  });

  for (const [script, kind] of [
    ['exit 1', 'retry'],
    ['exit 78', 'refused'],
    ['kill -9 $$', 'retry'],
    // It need not read its input.
    ['exec 0<&-; exit 0', 'sent'],
  ] as const) {
    test(`${script}: ${kind}`, async () => {
      const result = await channelOf(await program(script)).send(notice(), NEVER);
      assert.equal(result.kind, kind, JSON.stringify(result));
    });
  }

  test('that hangs is stopped with all that it started', async () => {
    const stopping = new LightAbortController();
    const pidFile = join(folder, 'pid');
    const line = await program(`sleep 300 & echo $! > ${pidFile}; wait`);
    const sending = channelOf(line).send(notice(), stopping);
    const { until } = await import('../../support/until.ts');
    const { readFile } = await import('node:fs/promises');
    const pid = async (): Promise<number> =>
      Number(await readFile(pidFile, 'utf8').catch(() => ''));
    await until('the command has started another', async () => (await pid()) > 0);
    const child = await pid();
    stopping.abort();
    assert.equal((await sending).kind, 'retry');
    const { existsSync } = await import('node:fs');
    await until('its child is gone', async () => {
      if (!existsSync(`/proc/${child}`)) return true;
      return / Z /.test(await readFile(`/proc/${child}/stat`, 'utf8').catch(() => ' Z '));
    });
  });
});

describe('the file', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liveness-notify-'));
  });

  after(() => rm(folder, { recursive: true }));

  const load = (file: string) =>
    loadChannels({
      lines: null,
      ping: null,
      file,
      linesName: 'LIVENESS_NOTIFY',
      fileName: 'LIVENESS_NOTIFY_FILE',
    });

  async function written(mode: number): Promise<string> {
    const path = join(folder, `channels-${mode.toString(8)}`);
    await writeFile(path, `# mine\nslack:https://h/${plainCanary('file')}\nslak:x\n`);
    await chmod(path, mode);
    return path;
  }

  test('of its owner alone is read, also through a link', async () => {
    for (const mode of [0o600, 0o400]) {
      const { channels, problems } = await load(await written(mode));
      assert.equal(channels.length, 1);
      assert.match(problems[0] ?? '', /^LIVENESS_NOTIFY_FILE, line 3: got an unknown kind/);
    }
    const link = join(folder, 'link');
    await symlink(await written(0o600), link);
    assert.equal((await load(link)).channels.length, 1);
  });

  for (const mode of [0o644, 0o640, 0o604, 0o660, 0o602]) {
    test(`of mode 0${mode.toString(8)} is refused, and says what to type`, async () => {
      const path = await written(mode);
      const { channels, problems } = await load(path);
      assert.deepEqual(channels, []);
      assert.deepEqual(problems, [
        `LIVENESS_NOTIFY_FILE: ${path} has mode 0${mode.toString(8)}, so others can read or write it; nothing of it is read: chmod 600 ${path}`,
      ]);
    });
  }

  test('on a disk that does not answer is given up, so that the apps are watched', async () => {
    const path = await written(0o600);
    const source = { lines: null, ping: null, file: path };
    const names = { linesName: 'LIVENESS_NOTIFY', fileName: 'LIVENESS_NOTIFY_FILE' };
    // No time at all is what a disk that hangs has left. A fast one can still win the race, but not every time.
    let { channels, problems } = await loadChannels({ ...source, ...names }, 0);
    for (let nth = 0; nth < 50 && channels.length > 0; nth += 1) {
      ({ channels, problems } = await loadChannels({ ...source, ...names }, 0));
    }
    assert.deepEqual(channels, []);
    assert.match(problems.join(), /could not be read within 0 s, because its disk does not answer/);
  });

  test('that is missing, a folder or no full path is named', async () => {
    for (const [path, wanted] of [
      [join(folder, 'none'), /none cannot be read \(ENOENT\)/],
      [folder, /is no file; wanted a text file/],
      ['channels', /got a path that is not full/],
    ] as const) {
      assert.match((await load(path)).problems.join(), wanted);
    }
  });
});
