import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeadManSwitch } from '../../../src/notify/ping/dead-man-switch.ts';
import { pingUrl } from '../../../src/notify/ping/ping-url.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const URL = 'https://hc.example/ping/5ecr3t';

class Rig {
  readonly clock = new FakeClock();
  readonly asked: string[] = [];
  readonly log: string[] = [];
  trouble: string | null = null;
  answer: () => Promise<string | null> = () => Promise.resolve(null);
  readonly ping: DeadManSwitch;

  constructor(url = URL) {
    this.ping = new DeadManSwitch({
      clock: this.clock,
      log: { line: (_level, message) => this.log.push(message) },
      url,
      shown: 'hc.example',
      send: (asked, body) => {
        this.asked.push(body === null ? asked : `${asked} ${body}`);
        return this.answer();
      },
      ownTrouble: () => this.trouble,
    });
    this.ping.start();
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      await this.clock.pass(Math.min(1_000, left));
      for (let turn = 0; turn < 6; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

test('it says that it starts, then asks every minute', async () => {
  const rig = new Rig();
  await rig.pass(186_000);
  assert.deepEqual(rig.asked, [`${URL}/start pm2-liveness leads`, URL, URL, URL, URL]);
  assert.equal(rig.ping.status().problem, null);
  assert.equal(rig.ping.status().lastOkAt, new Date(rig.clock.wall() - 1_000).toISOString());
  await rig.ping.stop('handover');
  await rig.pass(180_000);
  assert.equal(rig.asked.length, 5);
});

test('an unfit round is not asked for; the second in a row is a failure, said once', async () => {
  const rig = new Rig();
  await rig.pass(6_000);
  rig.asked.length = 0;
  rig.trouble = 'PM2 does not answer (timeout)';
  await rig.pass(60_000);
  assert.deepEqual(rig.asked, []);
  await rig.pass(300_000);
  assert.deepEqual(rig.asked, [`${URL}/fail PM2 does not answer (timeout)`]);
  assert.equal(rig.ping.status().problem, 'not sent: PM2 does not answer (timeout)');
  rig.trouble = null;
  await rig.pass(60_000);
  assert.deepEqual(rig.asked.slice(1), [URL]);
  assert.equal(rig.ping.status().problem, null);
  await rig.ping.stop('handover');
});

test("an operator's stop is said, and a lost lock is not", async () => {
  const rig = new Rig();
  await rig.pass(10_000);
  await rig.ping.stop('signal');
  await rig.ping.stop('signal');
  const said = 'pm2-liveness was stopped on purpose, or is restarted (by pm2 or a signal)';
  assert.equal(rig.asked.at(-1), `${URL}/log ${said}`);
  assert.equal(rig.asked.length, 3);
});

test('a daemon that died is no stop on purpose', async () => {
  const rig = new Rig();
  await rig.pass(10_000);
  await rig.ping.stop('daemon');
  assert.match(rig.asked.at(-1) ?? '', /\/log the PM2 daemon died.*nobody stopped it on purpose$/);
});

test('a service that never answers delays neither the next minute nor the stop', async () => {
  const rig = new Rig();
  rig.answer = () => new Promise(() => undefined);
  await rig.pass(150_000);
  assert.equal(rig.ping.status().problem, 'no answer');
  assert.ok(rig.asked.length >= 3);
  const stopped = rig.ping.stop('signal');
  await rig.pass(4_000);
  await stopped;
  assert.equal(rig.log.length, 1);
  assert.doesNotMatch(rig.log.join(), /5ecr3t/);
});

test('both conventions of services, with and without a slash at the end', () => {
  assert.equal(pingUrl(URL, 'fail', 'x'), `${URL}/fail`);
  assert.equal(pingUrl(`${URL}/`, 'start', ''), `${URL}/start`);
  assert.equal(pingUrl(`${URL}?rid=7`, 'log', ''), `${URL}/log?rid=7`);
  const kuma = 'https://kuma.example/api/push/k3y?status=up&msg=OK&ping=';
  assert.equal(pingUrl(kuma, 'ok', ''), kuma);
  assert.equal(pingUrl(kuma, 'start', ''), null);
  assert.equal(pingUrl(kuma, 'log', ''), null);
  assert.equal(
    pingUrl(kuma, 'fail', 'PM2 is away'),
    'https://kuma.example/api/push/k3y?status=down&msg=PM2+is+away&ping=',
  );
});
