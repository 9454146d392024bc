import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firingNotice } from '../../../src/notify/contract/notice-of.ts';
import { subjectOf } from '../../../src/notify/message/subject.ts';
import { MessageDriver, type Sent } from './message-driver.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const incidentOf = ({ notice }: Sent): string | undefined => notice.apps[0]?.incident;

test('an incident whose end was only assumed is opened again, in messages with other ids', () => {
  const driver = new MessageDriver();
  driver.open('web');
  driver.pass(MINUTE);
  driver.unseen.set('web', 'gone');
  const { openedAt } = driver.fact('web');
  driver.forget('web');
  driver.pass(6 * MINUTE);
  assert.equal(driver.said, 'opened web; resolved web');
  driver.open('web', { openedAt });
  driver.pass(MINUTE);
  driver.end('web');
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened web; resolved web; opened web; resolved web');
  assert.equal(new Set(driver.sent.map(({ notice }) => notice.id)).size, 4);
});

test('an app that is away is reported as deleted, however much happens elsewhere', () => {
  const driver = new MessageDriver();
  driver.open('web');
  driver.pass(MINUTE);
  driver.forget('web');
  driver.unseen.set('web', 'gone');
  for (let second = 0; second < 6 * 60; second += 1) {
    driver.pass(1_000);
    driver.step({ unseenEndOf: () => null, deeds: [{ key: 'other', text: 'x' }] });
  }
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened web; resolved web');
});

test('an app that came back, and is not judged yet, is not away any more', () => {
  const driver = new MessageDriver();
  driver.open('web');
  driver.pass(MINUTE);
  driver.forget('web');
  for (let round = 0; round < 5; round += 1) {
    driver.unseen.set('web', 'gone');
    driver.pass(4 * MINUTE);
    driver.unseen.set('web', 'pending');
    driver.pass(2_000);
  }
  assert.equal(driver.said, 'opened web');
});

test('an app whose block was taken away while no monitor ran is not reported as deleted', () => {
  const driver = new MessageDriver();
  driver.open('web');
  driver.pass(MINUTE);
  driver.forget('web');
  driver.unseen.set('web', 'unwatched');
  driver.pass(6 * MINUTE);
  assert.equal(driver.said, 'opened web; resolved web');
  const notice = driver.sent[1]?.notice;
  assert.equal(notice?.apps[0]?.end, 'unwatched');
  assert.equal(notice && subjectOf(notice), 'web is no longer checked');
});

test('thirty apps that are given up one after the other are few messages', () => {
  const driver = new MessageDriver([
    { name: 'phone', minSeverity: 'critical' },
    { name: 'mail', minSeverity: 'info' },
  ]);
  for (let n = 0; n < 30; n += 1) driver.open(`app${n}`, { severity: 'warning' });
  driver.pass(MINUTE);
  for (let n = 0; n < 30; n += 1) {
    driver.change(`app${n}`, { severity: 'critical' });
    driver.pass(900);
  }
  driver.pass(HOUR);
  const heard = (name: string): number =>
    driver.sent.filter(({ channel }) => channel === name).length;
  assert.equal(heard('phone'), 1);
  assert.equal(heard('mail'), 2, 'who knows of the warning hears that a person is needed');
});

test('an escalation waits while restarts are held', () => {
  const driver = new MessageDriver();
  driver.open('web', { severity: 'warning' });
  driver.pass(MINUTE);
  driver.change('web', { severity: 'critical', urgency: 'held' });
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened web');
  driver.change('web', { urgency: 'person' });
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened web; opened web');
});

test('a clock that is set, or another cause, changes neither the id nor what was the worst', () => {
  const driver = new MessageDriver();
  driver.open('web', { severity: 'critical' });
  driver.pass(MINUTE);
  driver.now += 10_000;
  const { openedAt, detectedAt } = driver.fact('web');
  driver.change('web', { openedAt: openedAt + 10_000, detectedAt: detectedAt + 10_000 });
  driver.pass(MINUTE);
  driver.open('web', { severity: 'warning', cause: 'flapping' });
  driver.pass(MINUTE);
  driver.end('web');
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened web; resolved web');
  const [opened, resolved] = driver.sent;
  assert.equal(opened && incidentOf(opened), resolved && incidentOf(resolved));
  assert.equal(resolved?.notice.severity, 'critical');
  assert.equal(resolved?.notice.apps[0]?.severityBefore, undefined);
});

test('an incident that nobody heard of has the id and the severity of the one that follows', () => {
  const driver = new MessageDriver();
  driver.open('web', { severity: 'critical' });
  driver.pass(20_000);
  driver.open('web', { severity: 'warning', cause: 'status' });
  driver.pass(MINUTE);
  const [opened] = driver.sent;
  assert.equal(opened?.notice.severity, 'warning');
  assert.equal(opened && incidentOf(opened), Math.round(driver.fact('web').openedAt).toString(36));
});

test('`notify: false` while an incident is open ends the reminders, and not the end', () => {
  const driver = new MessageDriver();
  driver.open('web');
  driver.pass(MINUTE);
  driver.change('web', { recipients: [] });
  driver.pass(9 * HOUR);
  driver.end('web');
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened web; resolved web');
});

test('a check without a result is not reported as a time in which the app was down', () => {
  const driver = new MessageDriver();
  driver.open('web', { cause: 'unknown', severity: 'warning' });
  driver.pass(10 * MINUTE);
  driver.forget('web');
  driver.pass(MINUTE);
  assert.equal(driver.said, 'opened web; resolved web');
  const notice = driver.sent[1]?.notice;
  assert.equal(notice?.apps[0]?.downtimeMs, null);
  assert.equal(notice && subjectOf(notice), 'web is checked again');
  for (const app of ['api', 'worker']) driver.open(app, { cause: 'unknown' });
  driver.pass(MINUTE);
  for (const app of ['api', 'worker']) driver.forget(app);
  driver.pass(MINUTE);
  const several = driver.sent[3]?.notice;
  assert.equal(several && subjectOf(several), '2 apps no longer have a problem: api, worker');
});

test('what never was down is not reported as up again where it ends unreported', () => {
  const driver = new MessageDriver();
  for (const cause of ['unknown', 'monitor']) driver.open(cause, { cause });
  driver.pass(20_000);
  for (const cause of ['unknown', 'monitor']) driver.forget(cause);
  driver.pass(HOUR);
  assert.equal(driver.said, '');
});

test('a clock set back leaves no time in the future in a message', () => {
  const driver = new MessageDriver();
  driver.open('web', { severity: 'warning' });
  driver.pass(MINUTE);
  driver.change('web', { severity: 'critical' });
  driver.pass(MINUTE);
  driver.now -= 10 * HOUR;
  driver.step();
  const firing = firingNotice(driver.ledger, 'phone', { now: driver.now, host: 'box' });
  const at = firing?.apps[0]?.severityBefore?.at ?? '';
  assert.ok(Date.parse(at) <= driver.now, at);
});

test('instance 0 is named where other instances are targets of their own', () => {
  const driver = new MessageDriver();
  driver.open('web', { isOneOfMany: true });
  driver.open('api');
  driver.pass(MINUTE);
  const instances = driver.sent[0]?.notice.apps.map(({ app, instance }) => [app, instance]);
  assert.deepEqual(instances, [
    ['web', 0],
    ['api', null],
  ]);
});
