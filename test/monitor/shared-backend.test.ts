import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HOLD_MS } from '../../src/monitor/mass-failure-hold.ts';
import { SimulatedHost, type HostRecord } from '../support/simulated-host.ts';

const APPS = 20;
const MINUTE = 60_000;

/** Three hosts, on which every app needs a backend that is down for so long. */
function outage(ms: number, dependsOn = false): { hosts: HostRecord[]; from: number; to: number } {
  const from = 2 * MINUTE;
  const to = from + ms;
  const hosts = [1, 2, 3].map((seed) =>
    new SimulatedHost(seed, APPS, { from, to }, dependsOn).run(to + MINUTE),
  );
  return { hosts, from, to };
}

/** The most restarts that begin within a minute. */
const mostAMinute = ({ restarts }: HostRecord): number =>
  Math.max(
    0,
    ...restarts.map((at) => restarts.filter((each) => each >= at && each < at + MINUTE).length),
  );

describe('when the backend that all apps of a host need is down', () => {
  test('nothing is restarted for half a minute', () => {
    const { hosts } = outage(HOLD_MS - 1_000);
    assert.deepEqual(
      hosts.flatMap(({ restarts }) => restarts),
      [],
    );
  });

  test('then each app twice at most, one every five seconds, and none once it is back', () => {
    const { hosts, from, to } = outage(10 * MINUTE);
    for (const host of hosts) {
      assert.ok(host.restarts.length >= APPS, 'a restart might have helped');
      assert.ok(host.restarts.length <= 2 * APPS, `${host.restarts.length} restarts`);
      assert.ok((host.restarts[0] ?? 0) >= from + HOLD_MS);
      assert.ok(mostAMinute(host) <= 12, `${mostAMinute(host)} restarts in a minute`);
      assert.ok(host.restarts.every((at) => at < to));
      assert.ok(host.healthyAt.every((at) => at >= to && at < to + 15_000));
      assert.equal(host.incidents.length, APPS);
    }
  });

  test('none is restarted, and none has an incident, where the backend is named by `dependsOn`', () => {
    const { hosts, to } = outage(10 * MINUTE, true);
    for (const host of hosts) {
      assert.deepEqual([host.restarts, host.incidents], [[], []]);
      assert.ok(host.healthyAt.every((at) => at >= to && at < to + 5_000));
    }
  });
});
