import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fail, OK } from '../support/verdict-driver.ts';
import { Night } from './night.ts';

const SOURCE = fail('source');
const MINUTE = 60_000;

let home: string;
let night: Night;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'notify-'));
  night = new Night(join(home, 'pm2-liveness'));
});

afterEach(() => rmSync(home, { recursive: true }));

/** `web` is down and reported; then the monitor stops. */
async function downThenAway(): Promise<void> {
  const notifier = await night.open();
  night.app('web').comesOnline().answers(OK, SOURCE, SOURCE, SOURCE);
  await night.pass(MINUTE);
  assert.equal(night.said, 'opened web');
  await notifier.close();
}

test('a monitor that gets no list from PM2 takes no app for deleted', async () => {
  await downThenAway();
  const apps = night.apps.splice(0);
  night.isListRead = false;
  const notifier = await night.open();
  await night.pass(8 * MINUTE);
  night.isListRead = true;
  night.apps.push(...apps);
  await night.pass(MINUTE);
  assert.equal(night.said, 'opened web');
  apps[0]?.answers(OK);
  await night.pass(MINUTE);
  assert.equal(night.said, 'opened web; resolved web');
  await notifier.close();
});

test('the minutes in which PM2 starts its apps again count from the start of the monitor', async () => {
  await downThenAway();
  const path = join(night.dir, 'notify.json');
  const document = JSON.parse(readFileSync(path, 'utf8'));
  document.ledger.entries[0].goneSince = night.clock.wall() - 10 * MINUTE;
  writeFileSync(path, JSON.stringify(document), { mode: 0o600 });
  const apps = night.apps.splice(0);
  const notifier = await night.open();
  await night.pass(2 * MINUTE);
  night.apps.push(...apps);
  await night.pass(8 * MINUTE);
  assert.equal(night.said, 'opened web');
  await notifier.close();
});

test('an app whose block was removed while the monitor was away is not reported as deleted', async () => {
  await downThenAway();
  night.apps.splice(0);
  night.unwatched.push({ name: 'web', instance: 0 });
  const notifier = await night.open();
  await night.pass(7 * MINUTE);
  assert.equal(night.said, 'opened web; resolved web');
  assert.equal(night.got[1]?.notice.apps[0]?.end, 'unwatched');
  await notifier.close();
});

test('trouble of the monitor that lasts over two restarts of it is one message', async () => {
  night.ownTrouble = 'PM2 does not answer (timeout)';
  for (let monitor = 0; monitor < 3; monitor += 1) {
    const notifier = await night.open();
    await night.pass(4 * MINUTE);
    await notifier.close();
    // The next one knows nothing before its first list.
    if (monitor === 2) break;
    [night.ownTrouble, night.isListRead] = [null, false];
    const blank = await night.open();
    await night.pass(MINUTE);
    await blank.close();
    [night.ownTrouble, night.isListRead] = ['PM2 does not answer (timeout)', true];
  }
  assert.equal(night.said, 'opened pm2-liveness');
  night.ownTrouble = null;
  const last = await night.open();
  await night.pass(2 * MINUTE);
  assert.equal(night.said, 'opened pm2-liveness; resolved pm2-liveness');
  const ids = night.got.map(({ notice }) => notice.apps[0]?.incident);
  assert.equal(new Set(ids).size, 1);
  await last.close();
});

test('a disk that takes no writes does not stop the restarts, and the message says so', async () => {
  const notifier = await night.open();
  [night.ownTrouble, night.isJudging] = ['no space left on device', true];
  await night.pass(4 * MINUTE);
  const app = night.got[0]?.notice.apps[0];
  assert.equal(app?.reason, 'it cannot save what it knows');
  assert.match(app?.next ?? '', /^apps are still restarted/);
  await notifier.close();
});

test('trouble of the monitor that comes and goes is never reported as an app that was down', async () => {
  const notifier = await night.open();
  for (let round = 0; round < 5; round += 1) {
    night.ownTrouble = 'PM2 does not answer (timeout)';
    await night.pass(3 * MINUTE);
    night.ownTrouble = null;
    await night.pass(MINUTE);
  }
  assert.doesNotMatch(night.said, /fixed/);
  await notifier.close();
});
