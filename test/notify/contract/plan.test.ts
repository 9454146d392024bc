import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recipient } from '../../../src/notify/contract/facts.ts';
import { firingNotice } from '../../../src/notify/contract/notice-of.ts';
import { MessageDriver } from './message-driver.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('an incident that needs a person is one message, and its end one more', () => {
  const driver = new MessageDriver();
  driver.open('web');
  assert.equal(driver.said, '', 'it waits for others');
  driver.pass(HOUR);
  assert.equal(driver.said, 'opened web');
  driver.end('web');
  driver.pass(HOUR);
  assert.equal(driver.said, 'opened web; resolved web');
  const app = driver.sent[1]?.notice.apps[0];
  assert.equal(app?.downtimeMs, HOUR);
  assert.equal(app?.resolvedAt, new Date(driver.now - HOUR).toISOString());
  assert.deepEqual(driver.ledger.entries, []);
});

test('what the first restart fixes is one message, with what was done', () => {
  const driver = new MessageDriver();
  driver.open('web', { urgency: 'working', severity: 'warning', restarts: 1 });
  driver.pass(5_000);
  driver.end('web');
  driver.step({ deeds: [{ key: 'web', text: '12:00:05 restarted as pid 7' }] });
  driver.pass(HOUR);
  assert.equal(driver.said, 'fixed web');
  assert.equal(driver.sent[0]?.notice.severity, 'info');
  assert.deepEqual(driver.sent[0]?.notice.apps[0]?.done, ['12:00:05 restarted as pid 7']);
});

test('a second restart, and two minutes without a good answer, are reported', () => {
  const driver = new MessageDriver();
  driver.open('web', { urgency: 'working', severity: 'warning', restarts: 1 });
  driver.pass(20_000);
  driver.change('web', { restarts: 2 });
  driver.pass(31_000);
  assert.equal(driver.said, 'opened web');
  driver.open('api', { urgency: 'working', severity: 'warning', restarts: 1 });
  driver.pass(2 * MINUTE - 1_000);
  assert.equal(driver.said, 'opened web');
  driver.pass(32_000);
  assert.equal(driver.said, 'opened web; opened api');
});

test('thirty apps down at once are one message, and so is their end', () => {
  const driver = new MessageDriver();
  for (let n = 0; n < 30; n += 1) {
    driver.open(`app${n}`);
    driver.pass(500);
  }
  driver.pass(MINUTE);
  assert.equal(driver.sent.length, 1);
  assert.equal(driver.sent[0]?.notice.apps.length, 10);
  assert.equal(driver.sent[0]?.notice.moreApps, 20);
  for (let n = 0; n < 30; n += 1) driver.end(`app${n}`);
  driver.pass(MINUTE);
  assert.equal(driver.sent.length, 2);
  assert.equal(driver.sent[1]?.event, 'resolved');
});

test('a sink that keeps each incident by itself gets all thirty', () => {
  const driver = new MessageDriver([{ name: 'alerts', minSeverity: 'info', repeatMs: 60_000 }]);
  for (let n = 0; n < 30; n += 1) driver.open(`app${n}`);
  driver.pass(MINUTE);
  assert.equal(driver.sent[0]?.notice.apps.length, 30);
  const firing = firingNotice(driver.ledger, 'alerts', { now: driver.now, host: 'box' });
  assert.equal(firing?.apps.length, 30);
});

test('a reminder comes every four hours, for all that last', () => {
  const driver = new MessageDriver();
  driver.open('web');
  driver.pass(5 * MINUTE);
  driver.open('api');
  driver.pass(9 * HOUR);
  const events = driver.sent.map(({ event, apps }) => `${event} ${apps.join(' ')}`);
  assert.deepEqual(events, ['opened web', 'opened api', 'reminder web api', 'reminder web api']);
  const ids = new Set(driver.sent.map(({ notice }) => notice.id));
  assert.equal(ids.size, 4);
});

test('what was reported is resolved, also when the app is paused, deleted, or its end was not seen', () => {
  const driver = new MessageDriver();
  driver.open('paused');
  driver.open('unseen');
  driver.open('gone');
  driver.unseen.set('gone', 'gone');
  driver.pass(MINUTE);
  driver.end('paused', { end: 'paused', downtimeMs: null });
  driver.forget('unseen');
  driver.forget('gone');
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened paused unseen gone; resolved paused unseen');
  driver.pass(5 * MINUTE);
  assert.match(driver.said, /; resolved gone$/);
  assert.deepEqual(driver.sent[2]?.notice.apps[0]?.done, ['deleted from PM2']);
});

test('what is proven again after a pause is reported again, though it began at the same instant', () => {
  const driver = new MessageDriver();
  const openedAt = driver.now;
  driver.pass(4 * MINUTE);
  driver.open('web', { cause: 'unstable', openedAt });
  driver.pass(MINUTE);
  driver.end('web', { end: 'paused', downtimeMs: null });
  driver.pass(MINUTE);
  driver.open('web', { cause: 'unstable', openedAt });
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened web; resolved web; opened web');
  assert.equal(new Set(driver.sent.map(({ notice }) => notice.id)).size, 3);
});

test('an app that a new monitor has not judged yet is not resolved', () => {
  const driver = new MessageDriver();
  driver.open('web');
  driver.pass(MINUTE);
  driver.forget('web');
  driver.unseen.set('web', null);
  driver.pass(10 * MINUTE);
  assert.equal(driver.said, 'opened web');
  driver.unseen.set('web', 'recovered');
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened web; resolved web');
});

test('held restarts hold back the opening, not the end', () => {
  const driver = new MessageDriver();
  driver.open('web', { urgency: 'held' });
  driver.pass(HOUR);
  driver.end('web');
  driver.pass(HOUR);
  assert.equal(driver.said, '');
  driver.open('api');
  driver.pass(MINUTE);
  driver.change('api', { urgency: 'held' });
  driver.pass(HOUR);
  driver.end('api');
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened api; resolved api');
});

test('another text or cause of the same incident is no new message; a more severe one is', () => {
  const driver = new MessageDriver();
  driver.open('web', { severity: 'warning' });
  driver.pass(MINUTE);
  driver.change('web', { detail: 'answered 500', reason: 'answered 500' });
  driver.pass(MINUTE);
  driver.open('web', { cause: 'status', severity: 'warning' });
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened web');
  driver.open('web', { cause: 'lost', severity: 'critical' });
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened web; opened web');
  driver.end('web');
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened web; opened web; resolved web');
});

test('an app that is down again before its end was reported is still down for people', () => {
  const driver = new MessageDriver();
  driver.open('web');
  driver.pass(MINUTE);
  driver.end('web');
  driver.pass(10_000);
  driver.open('web');
  driver.pass(HOUR);
  assert.equal(driver.said, 'opened web');
});

test('an incident restored from an older state file is not opened again', () => {
  const driver = new MessageDriver();
  driver.open('web');
  const openedAt = driver.now;
  driver.pass(MINUTE);
  driver.end('web');
  driver.pass(MINUTE);
  driver.open('web', { openedAt: openedAt + 40, detectedAt: openedAt + 40 });
  driver.pass(HOUR);
  assert.equal(driver.said, 'opened web; resolved web');
});

test('a typo that is corrected in half a minute is no message', () => {
  const driver = new MessageDriver();
  driver.open('web', { cause: 'source' });
  driver.pass(20_000);
  driver.end('web');
  driver.pass(HOUR);
  assert.equal(driver.said, '');
});

test('each channel gets what it takes, and the end of what it got', () => {
  const driver = new MessageDriver([
    { name: 'phone', minSeverity: 'critical' },
    { name: 'chat', minSeverity: 'info' },
  ]);
  driver.open('web', { severity: 'warning' });
  driver.open('api', { recipients: ['phone'] });
  driver.open('quiet', { recipients: [] });
  driver.pass(MINUTE);
  const byChannel = (): string[] =>
    driver.sent.map(({ channel, event, apps }) => `${channel}: ${event} ${apps.join(' ')}`);
  assert.deepEqual(byChannel(), ['phone: opened api', 'chat: opened web']);
  driver.change('web', { severity: 'critical' });
  driver.pass(MINUTE);
  assert.deepEqual(byChannel().slice(2), ['phone: opened web', 'chat: opened web']);
  for (const app of ['web', 'api', 'quiet']) driver.end(app);
  driver.pass(MINUTE);
  assert.deepEqual(byChannel().slice(4), ['phone: resolved web api', 'chat: resolved web']);
});

test('a wall clock that jumps delays nothing and repeats nothing', () => {
  const driver = new MessageDriver();
  driver.open('web');
  driver.now -= 10 * HOUR;
  driver.pass(31_000);
  assert.equal(driver.said, 'opened web');
  driver.now -= 10 * HOUR;
  driver.pass(HOUR);
  assert.equal(driver.said, 'opened web');
  driver.end('web');
  driver.now -= 10 * HOUR;
  driver.pass(31_000);
  assert.equal(driver.said, 'opened web; resolved web');
});

test('an incident that gets worse is reported once more, with what it was before', () => {
  const driver = new MessageDriver([
    { name: 'chat', minSeverity: 'info' },
    { name: 'alerts', minSeverity: 'info', repeatMs: MINUTE },
  ]);
  driver.open('web', { severity: 'warning' });
  driver.pass(MINUTE);
  driver.change('web', { severity: 'critical' });
  const at = new Date(driver.now).toISOString();
  driver.pass(MINUTE);
  assert.deepEqual(
    driver.sent.map(({ channel, event }) => `${channel} ${event}`),
    ['chat opened', 'alerts opened', 'chat opened', 'alerts opened'],
  );
  assert.equal(driver.sent[2]?.notice.severity, 'critical');
  const [app] = driver.sent[3]?.notice.apps ?? [];
  assert.equal(app?.severity, 'critical');
  assert.deepEqual(app?.severityBefore, { severity: 'warning', at });
  driver.end('web');
  driver.pass(MINUTE);
  assert.deepEqual(
    driver.sent.slice(4).map(({ channel, event }) => `${channel} ${event}`),
    ['chat resolved', 'alerts resolved'],
  );
});

test('a severity that was never reported is no change', () => {
  const driver = new MessageDriver();
  driver.open('web', { severity: 'warning' });
  driver.change('web', { severity: 'critical' });
  driver.pass(MINUTE);
  assert.deepEqual(
    driver.sent.map(({ notice }) => [notice.severity, notice.apps[0]?.severityBefore]),
    [['critical', undefined]],
  );
});

test('a channel that is new hears once of what is open, and of its end', () => {
  const phone: Recipient = { name: 'phone', minSeverity: 'info' };
  const mail: Recipient = { name: 'mail', minSeverity: 'warning' };
  const driver = new MessageDriver([phone]);
  driver.open('web');
  driver.open('api', { recipients: ['phone'] });
  driver.pass(HOUR);
  driver.configure([phone, mail]);
  driver.pass(HOUR);
  driver.open('db');
  driver.pass(HOUR);
  driver.end('web');
  driver.pass(HOUR);
  const heard = (name: string): string[] =>
    driver.sent
      .filter(({ channel }) => channel === name)
      .map(({ event, apps }) => `${event} ${apps.join(' ')}`);
  assert.deepEqual(heard('mail'), ['opened web', 'opened db', 'resolved web']);
  assert.deepEqual(heard('phone'), ['opened web api', 'opened db', 'resolved web']);
});

test('an app whose block names a channel only now is reported to it', () => {
  const driver = new MessageDriver();
  driver.open('web', { recipients: [] });
  driver.pass(HOUR);
  assert.equal(driver.said, '');
  driver.change('web', { recipients: ['phone'] });
  assert.equal(driver.said, 'opened web');
});
