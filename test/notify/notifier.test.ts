import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fail, OK } from '../support/verdict-driver.ts';
import { systemFiles, type Files } from '../../src/store/files.ts';
import { Night } from './night.ts';

const HANG = fail('timeout');
const MINUTE = 60_000;

let home: string;
let dir: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'notify-'));
  dir = join(home, 'pm2-liveness');
});

afterEach(() => rmSync(home, { recursive: true }));

describe('messages about real verdicts', () => {
  test('an app that the first restart brings back is one message', async () => {
    const night = new Night(dir);
    const notifier = await night.open();
    night.app('web').comesOnline().answers(OK, HANG, HANG, HANG).restarted().answers(OK);
    await night.pass(2 * MINUTE);
    assert.equal(night.said, 'fixed web');
    const [message] = night.got;
    assert.equal(message?.notice.apps[0]?.reason, 'no answer (3 of 3 checks)');
    assert.equal(message?.notice.apps[0]?.restarts, 1);
    await notifier.close();
  });

  test('an app that restarts do not help is reported as given up, and resolved', async () => {
    const night = new Night(dir);
    const notifier = await night.open();
    const web = night.app('web').comesOnline();
    web.answers(OK, HANG, HANG, HANG);
    for (let restart = 1; web.state !== 'open'; restart += 1) {
      assert.ok(restart < 5, 'it gives up');
      web.restarted().answers(HANG).after(120_000).answers(HANG, HANG, HANG);
      web.after(300_000).tick();
    }
    await night.pass(MINUTE);
    assert.equal(night.said, 'opened web');
    const app = night.got[0]?.notice.apps[0];
    assert.equal(app?.reason, 'no answer, 2 restarts did not help');
    assert.match(app?.next ?? '', /^one trial restart \(\d\d:\d\d\)$/);
    web.comesOnline().answers(OK);
    assert.equal(web.state, 'healthy');
    await night.pass(MINUTE);
    assert.equal(night.said, 'opened web; resolved web');
    assert.ok((night.got[1]?.notice.apps[0]?.downtimeMs ?? 0) > MINUTE);
    await notifier.close();
  });

  test('500 crashes of one app in 10 minutes are one message', async () => {
    const night = new Night(dir);
    const notifier = await night.open();
    const web = night.app('web').comesOnline().answers(OK);
    for (let life = 0; life < 500; life += 1) {
      web.process('transit').after(600).comesOnline();
      if (life % 3 === 0) web.answers(OK);
      else await night.pass(600);
    }
    await night.pass(2 * MINUTE);
    assert.ok(night.got.length <= 2, night.said);
    await notifier.close();
  });

  test('an hour of flapping is one message, and its end one more', async () => {
    const night = new Night(dir);
    const notifier = await night.open();
    const web = night.app('web').comesOnline().answers(OK);
    for (let round = 0; round < 360; round += 1) {
      web.answers(round % 2 === 0 ? HANG : OK);
      await night.pass(9_000);
    }
    assert.equal(night.said, 'opened web');
    assert.equal(night.got[0]?.notice.apps[0]?.cause, 'flapping');
    for (let round = 0; round < 60; round += 1) {
      web.answers(OK);
      await night.pass(9_000);
    }
    assert.equal(night.said, 'opened web; resolved web');
    await notifier.close();
  });

  test('30 apps that are down at once are one message, and their end one more', async () => {
    const night = new Night(dir);
    const notifier = await night.open();
    const broken = fail('source');
    const apps = Array.from({ length: 30 }, (_, n) => night.app(`app${n}`).comesOnline());
    const allHear = async (outcome: typeof OK | typeof broken): Promise<void> => {
      for (const app of apps) app.after(0).sample({ ...outcome, at: app.now, durationMs: 1 });
      await night.pass(1_000);
    };
    await allHear(OK);
    for (let round = 0; round < 3; round += 1) await allHear(broken);
    await night.pass(2 * MINUTE);
    assert.equal(night.got.length, 1, night.said);
    assert.equal(night.got[0]?.notice.moreApps, 20);
    await allHear(OK);
    await night.pass(2 * MINUTE);
    assert.equal(night.got.length, 2, night.said);
    await notifier.close();
  });

  test('what the monitor itself cannot do is reported after two minutes, and when it can again', async () => {
    const night = new Night(dir);
    const notifier = await night.open();
    night.ownTrouble = 'PM2 does not answer (timeout)';
    await night.pass(4 * MINUTE);
    assert.equal(night.said, 'opened pm2-liveness');
    assert.equal(night.got[0]?.notice.apps[0]?.detail, 'PM2 does not answer (timeout)');
    assert.equal(night.got[0]?.notice.apps[0]?.command, 'npx pm2-liveness doctor');
    night.ownTrouble = null;
    await night.pass(MINUTE);
    assert.equal(night.said, 'opened pm2-liveness; resolved pm2-liveness');
    await notifier.close();
  });

  test('`notify` of a block chooses the channels', async () => {
    const night = new Night(dir, ['phone', 'mail']);
    const notifier = await night.open();
    const source = fail('source');
    night.app('quiet', { notify: false }).comesOnline().answers(OK, source, source, source);
    night
      .app('web', { notify: ['mail'] })
      .comesOnline()
      .answers(OK, source, source, source);
    await night.pass(MINUTE);
    assert.deepEqual(
      night.got.map(({ channel, notice }) => [channel, notice.apps.map(({ app }) => app)]),
      [['mail', ['web']]],
    );
    await notifier.close();
  });
});

describe('a sink that is down', () => {
  test('20 minutes without it, and 20 monitors meanwhile: every message once', async () => {
    const night = new Night(dir, ['phone', 'mail']);
    const down = { kind: 'retry', reason: 'connection refused', retryAfterMs: null } as const;
    night.answer = (channel) =>
      Promise.resolve(channel === 'phone' ? down : { kind: 'sent', answer: 'ok' });
    const source = fail('source');
    const web = night.app('web').comesOnline().answers(OK, source, source, source);
    for (let monitor = 0; monitor < 20; monitor += 1) {
      await night.open();
      await night.pass(MINUTE);
      // Killed: nothing is closed or written any more.
      await night.notifier?.abandon();
      if (monitor === 10) web.answers(OK);
    }
    night.answer = () => Promise.resolve({ kind: 'sent', answer: 'ok' });
    const notifier = await night.open();
    await night.pass(10 * MINUTE);
    const heard = (name: string): string[] =>
      night.got.filter(({ channel }) => channel === name).map(({ notice }) => notice.event);
    assert.deepEqual(heard('mail'), ['opened', 'resolved']);
    assert.deepEqual(heard('phone'), ['opened', 'resolved']);
    await notifier.close();
  });
});

describe('the file', () => {
  test('is readable only for its owner, and one that cannot be used is set aside', async () => {
    const night = new Night(dir);
    const first = await night.open();
    const source = fail('source');
    night.app('web').comesOnline().answers(OK, source, source, source);
    await night.pass(MINUTE);
    await first.close();
    const path = join(dir, 'notify.json');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(JSON.parse(readFileSync(path, 'utf8')).ledger.entries.length, 1);
    for (const text of ['{', '[]', '{"schemaVersion":1}', '{"schemaVersion":7}', '\u0000']) {
      writeFileSync(path, text, { mode: 0o600 });
      const notifier = await night.open();
      assert.match(notifier.warning ?? '', /set aside as notify\.json\.bad-/, text);
      await notifier.abandon();
    }
  });

  test('a folder where it stands costs the saving, not the sending', async () => {
    mkdirSync(join(dir, 'notify.json', 'in-the-way'), { recursive: true, mode: 0o700 });
    const night = new Night(dir);
    const notifier = await night.open();
    const source = fail('source');
    night.app('web').comesOnline().answers(OK, source, source, source);
    await night.pass(MINUTE);
    assert.equal(night.said, 'opened web');
    await notifier.close();
  });
});

/** The real files, whose disk does not answer until `answer` is called. */
function hungFiles(): { readonly files: Files; readonly answer: () => void } {
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const open: Files['open'] = async (...given) => {
    await answered;
    return systemFiles.open(...given);
  };
  return { files: { ...systemFiles, open }, answer };
}

describe('a disk that hangs at the start', () => {
  test('costs neither what waits nor what was reported, and nothing is sent twice', async () => {
    const night = new Night(dir);
    let notifier = await night.open();
    const [web, api] = [night.app('web').comesOnline(), night.app('api').comesOnline()];
    web.answers(OK, HANG, HANG, HANG);
    await night.pass(4 * MINUTE);
    night.answer = () => Promise.resolve({ kind: 'retry', reason: 'down', retryAfterMs: null });
    api.answers(OK, HANG, HANG, HANG);
    await night.pass(4 * MINUTE);
    await notifier.close();
    assert.equal(night.said, 'opened web');
    night.answer = () => Promise.resolve({ kind: 'sent', answer: 'ok' });
    const { files, answer } = hungFiles();
    notifier = await night.open(files);
    assert.match(notifier.warning ?? '', /could not be read yet/);
    await night.pass(10_000);
    const before = readFileSync(join(dir, 'notify.json'), 'utf8');
    assert.equal(JSON.parse(before).ledger.entries.length, 2);
    answer();
    while (notifier.warning !== null) await new Promise((resolve) => setImmediate(resolve));
    await night.pass(5 * MINUTE);
    assert.equal(notifier.warning, null);
    assert.equal(night.said, 'opened web; opened api');
    web.comesOnline().answers(OK);
    api.comesOnline().answers(OK);
    await night.pass(2 * MINUTE);
    assert.equal(night.said, 'opened web; opened api; resolved web api');
    await notifier.close();
  });
});
