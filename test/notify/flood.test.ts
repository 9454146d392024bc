import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { fail, OK } from '../support/verdict-driver.ts';
import { channelOf, Sink } from './channel/sink.ts';
import { Night } from './night.ts';

const HANG = fail('timeout');
const SOURCE = fail('source');
const MINUTE = 60_000;

/** A flood by the simulated clock; what is said is what arrived at a real webhook and a real mail server. */
describe('a flood, through real senders', () => {
  let home: string;
  let sink: Sink;
  let mail: SMTPServer;
  let mails: string[];
  let night: Night;

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'notify-'));
    sink = await Sink.start();
    mails = [];
    mail = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, _session, done) {
        let text = '';
        stream.setEncoding('utf8').on('data', (part: string) => (text += part));
        stream.on('end', () => {
          mails.push(/^Subject: (.*(?:\r\n\s.*)*)/m.exec(text)?.[1] ?? '');
          done();
        });
      },
    });
    await new Promise<void>((resolve) => {
      mail.listen(0, '127.0.0.1', resolve);
    });
    const { port } = mail.server.address() as AddressInfo;
    night = new Night(join(home, 'pm2-liveness'), [
      channelOf(`${sink.origin}/hook?secret=abcdefgh`),
      channelOf(`smtp://127.0.0.1:${port}?to=a@example.com&from=b@example.com&tls=none`),
    ]);
    await night.open();
  });

  afterEach(async () => {
    await night.notifier?.close();
    await sink.stop();
    await new Promise<void>((resolve) => {
      mail.close(resolve);
    });
    rmSync(home, { recursive: true });
  });

  /** The events that the webhook got; there is one mail for each. */
  function events(): readonly string[] {
    const got = sink.requests.map(({ body }) => (JSON.parse(body) as { event: string }).event);
    assert.equal(mails.length, got.length, mails.join('\n'));
    return got;
  }

  test('of 500 crashes of one app in 10 minutes is at most two messages', async () => {
    const web = night.app('web').comesOnline().answers(OK);
    for (let crash = 0; crash < 500; crash += 1) {
      web.process('transit').after(600).comesOnline();
      if (crash % 3 === 0) web.answers(OK);
      else await night.pass(600);
    }
    await night.pass(2 * MINUTE);
    assert.ok(events().length <= 2, events().join());
  });

  test('of an app that flaps for an hour is one message, and its end one more', async () => {
    const web = night.app('web').comesOnline().answers(OK);
    for (let round = 0; round < 360; round += 1) {
      web.answers(round % 2 === 0 ? HANG : OK);
      await night.pass(9_000);
    }
    assert.deepEqual(events(), ['opened']);
    for (let round = 0; round < 60; round += 1) {
      web.answers(OK);
      await night.pass(9_000);
    }
    assert.deepEqual(events(), ['opened', 'resolved']);
  });

  test('of 30 apps that are down at once is one message, and their end one more', async () => {
    const apps = Array.from({ length: 30 }, (_, at) => night.app(`app${at}`).comesOnline());
    const allHear = async (outcome: typeof OK | typeof SOURCE): Promise<void> => {
      for (const app of apps) app.after(0).sample({ ...outcome, at: app.now, durationMs: 1 });
      await night.pass(1_000);
    };
    await allHear(OK);
    for (let round = 0; round < 3; round += 1) await allHear(SOURCE);
    await night.pass(2 * MINUTE);
    assert.deepEqual(events(), ['opened']);
    await allHear(OK);
    await night.pass(2 * MINUTE);
    assert.deepEqual(events(), ['opened', 'resolved']);
  });

  test('while the webhook is down for 20 minutes and 20 monitors are killed loses and repeats nothing', async () => {
    sink.answer = (_, response) => response.writeHead(503).end();
    const web = night.app('web').comesOnline().answers(OK, SOURCE, SOURCE, SOURCE);
    for (let monitor = 0; monitor < 20; monitor += 1) {
      await night.pass(MINUTE);
      // Killed: nothing is closed or written any more.
      await night.notifier?.abandon();
      if (monitor === 10) web.answers(OK);
      await night.open();
    }
    const refused = sink.requests.length;
    assert.ok(refused > 0);
    sink.answer = (_, response) => response.end('ok');
    await night.pass(30 * MINUTE);
    const taken = sink.requests
      .slice(refused)
      .map(({ body }) => (JSON.parse(body) as { event: string }).event);
    assert.deepEqual(taken, ['opened', 'resolved']);
    assert.equal(mails.length, 2);
  });
});
