import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { LightAbortController } from '../../../src/time/light-abort.ts';
import { sung, plainCanary } from '../../support/canary.ts';
import { HOSTILE, appDown, notice, resolved } from '../notices.ts';
import { channelOf, NEVER } from './sink.ts';

const USER = 'me@example.com';
const PASSWORD = plainCanary('mail');

/** A mail as the server received it. */
interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly isSecure: boolean;
  readonly user: unknown;
}

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A mail server on loopback that keeps its mails. */
async function serve(options: SMTPServerOptions = {}): Promise<{ port: number; mails: Mail[] }> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    logger: false,
    authOptional: true,
    onAuth: ({ username, password }, _, done) => {
      if (username === USER && password === PASSWORD) done(null, { user: username });
      else done(new Error(`Invalid login ${String(password)}`));
    },
    onData: (stream, { envelope, secure, user }, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        mails.push({ from, to, text: Buffer.concat(parts).toString(), isSecure: secure, user });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => server.close(() => resolve())));
  // as: a listening TCP server has an address and a port
  const { port } = server.server.address() as AddressInfo;
  return { port, mails };
}

const login = `${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}@`;

function lineOf(port: number, given: { login?: string; query?: string; to?: string } = {}): string {
  const { login: who = login, query = '', to = 'you@example.com' } = given;
  return `smtp://${who}127.0.0.1:${port}?to=${to}${query}`;
}

/** An error of the protocol, with its code. */
function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

describe('a mail', () => {
  test('has subject, text and HTML, its thread, and no reply of a machine', async () => {
    const { port, mails } = await serve({ hideSTARTTLS: true });
    const channel = channelOf(lineOf(port, { to: 'you@example.com,they@example.com' }));
    assert.equal(channel.shown, 'smtp (127.0.0.1)');
    const result = await channel.send(notice(), NEVER);
    assert.equal(result.kind, 'sent', JSON.stringify(result));
    await channel.send(resolved(), NEVER);
    const [first, second] = mails;
    assert.equal(first?.from, USER);
    assert.deepEqual(first?.to, ['you@example.com', 'they@example.com']);
    assert.equal(first?.user, USER);
    const text = first?.text ?? '';
    assert.match(text, /^Subject: web is down: no answer \(3 of 3 checks\)\r$/m);
    assert.match(text, /^From: "pm2-liveness on server1" <me@example\.com>\r$/m);
    assert.match(text, /^Message-ID: <n-1@example\.com>\r$/m);
    assert.match(text, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(text, /^Content-Type: multipart\/alternative/m);
    assert.match(text, /^Type: npx pm2-liveness describe web\r$/m);
    const thread = /^References: (.*)\r$/m.exec(text)?.[1];
    assert.ok(thread && second?.text.includes(`References: ${thread}`));
    assert.match(second?.text ?? '', /^Subject: web is up again after 12m\r$/m);
  });

  test("escapes an app's texts, and an app adds no header", async () => {
    const { port, mails } = await serve({ hideSTARTTLS: true });
    const hostile = notice({ apps: [appDown({ app: HOSTILE, reason: HOSTILE, detail: HOSTILE })] });
    const result = await channelOf(lineOf(port)).send({ ...hostile, host: HOSTILE }, NEVER);
    assert.equal(result.kind, 'sent', JSON.stringify(result));
    const { text = '' } = mails[0] ?? {};
    const [head = ''] = text.split('\r\n\r\n');
    assert.doesNotMatch(head, /^Bcc:/im);
    assert.deepEqual(mails[0]?.to, ['you@example.com']);
    const html = text.slice(text.indexOf('text/html')).replaceAll('=\r\n', '');
    assert.doesNotMatch(html, /<script>/);
    assert.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
  });

  test('goes over STARTTLS where the server has it', async () => {
    const { port, mails } = await serve();
    assert.equal((await channelOf(lineOf(port)).send(notice(), NEVER)).kind, 'sent');
    assert.equal(mails[0]?.isSecure, true);
    // The certificate of smtp-server is no valid one: no mail, no password.
    const strict = channelOf(lineOf(port, { query: '&tls=require' }));
    const result = await strict.send(notice(), NEVER);
    assert.equal(result.kind, 'retry');
    assert.match(JSON.stringify(result), /certificate/);
    assert.equal(mails.length, 1);
  });

  test('with tls=require does not go out where the server has no TLS', async () => {
    const { port, mails } = await serve({ hideSTARTTLS: true });
    const result = await channelOf(lineOf(port, { query: '&tls=require' })).send(notice(), NEVER);
    assert.equal(result.kind, 'retry');
    assert.deepEqual(mails, []);
  });

  test('says that TLS is the reason where the server knows no STARTTLS', async () => {
    const { port } = await serve({ disabledCommands: ['STARTTLS'] });
    const result = await channelOf(lineOf(port, { query: '&tls=require' })).send(notice(), NEVER);
    assert.match(JSON.stringify(result), /"the server offers no TLS \(STARTTLS\): answered 5/);
  });

  test('with a wrong password is refused for good, and nobody sees it', async () => {
    const { port } = await serve({ hideSTARTTLS: true });
    const wrong = plainCanary('wrong');
    const line = lineOf(port, { login: `${encodeURIComponent(USER)}:${wrong}@` });
    const result = await channelOf(line).send(notice(), NEVER);
    assert.equal(result.kind, 'refused');
    assert.match(JSON.stringify(result), /535/);
    assert.equal(sung(JSON.stringify(result)), null);
    assert.ok(!JSON.stringify(result).includes(USER));
  });

  for (const [code, kind] of [
    [421, 'retry'],
    [450, 'retry'],
    [451, 'retry'],
    [550, 'refused'],
    [554, 'refused'],
  ] as const) {
    test(`after ${code} is ${kind === 'retry' ? 'tried again' : 'refused'}`, async () => {
      const { port } = await serve({
        hideSTARTTLS: true,
        onRcptTo: ({ address }, _, done) => done(refusal(code, `no ${address} of ${PASSWORD}`)),
      });
      const result = await channelOf(lineOf(port)).send(notice(), NEVER);
      assert.equal(result.kind, kind, JSON.stringify(result));
      assert.match(JSON.stringify(result), new RegExp(String(code)));
      assert.equal(sung(JSON.stringify(result)), null);
      assert.ok(!JSON.stringify(result).includes('you@example.com'));
    });
  }

  test('that one of two addresses refuses is sent, and says so', async () => {
    const { port } = await serve({
      hideSTARTTLS: true,
      onRcptTo: ({ address }, _, done) =>
        done(address.startsWith('no') ? refusal(550, 'unknown') : null),
    });
    const result = await channelOf(lineOf(port, { to: 'you@x.yz,no@x.yz' })).send(notice(), NEVER);
    assert.match(JSON.stringify(result), /"sent".*1 of 2 addresses were refused/);
    const warning = result.kind === 'sent' ? result.warning : undefined;
    assert.equal(warning, '1 of 2 addresses were refused: 550 unknown');
  });

  test('that one of two addresses takes later goes to that one alone at the next try', async () => {
    let isGrey = true;
    const { port, mails } = await serve({
      hideSTARTTLS: true,
      onRcptTo: ({ address }, _, done) =>
        done(
          address.startsWith('no')
            ? refusal(550, 'unknown')
            : isGrey && address.startsWith('grey')
              ? refusal(450, `${address} is greylisted`)
              : null,
        ),
    });
    const channel = channelOf(lineOf(port, { to: 'you@x.yz,no@x.yz,grey@x.yz' }));
    const first = await channel.send(notice(), NEVER);
    assert.match(JSON.stringify(first), /"retry".*1 of 3 addresses later: answered 450/);
    assert.doesNotMatch(JSON.stringify(first), /grey@/);
    assert.equal(first.kind === 'retry' && first.isPartial, true);
    isGrey = false;
    const second = await channel.send(notice(), NEVER);
    // It was refused at the first try; nothing else would say so.
    assert.match(second.kind === 'sent' ? (second.warning ?? '') : '', /^1 of 3 addresses were/);
    assert.equal((await channel.send(notice({ id: 'n-2' }), NEVER)).kind, 'sent');
    assert.deepEqual(
      mails.map(({ to }) => to),
      [['you@x.yz'], ['grey@x.yz'], ['you@x.yz', 'grey@x.yz']],
    );
  });

  test('to a server that is silent, or not there, is tried again', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    stops.push(() => new Promise((resolve) => void silent.close(() => resolve())));
    // as: a listening TCP server has an address and a port
    const { port } = silent.address() as AddressInfo;
    const stopping = new LightAbortController();
    silent.once('connection', (socket) => {
      stops.unshift(async () => void socket.destroy());
      stopping.abort();
    });
    assert.deepEqual(await channelOf(lineOf(port)).send(notice(), stopping), {
      kind: 'retry',
      reason: 'stopped by the monitor',
      retryAfterMs: null,
    });
    const gone = await channelOf(lineOf(1)).send(notice(), NEVER);
    assert.equal(gone.kind, 'retry');
    assert.match(JSON.stringify(gone), /ECONNREFUSED/);
  });
});
