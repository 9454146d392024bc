import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { HOLD_MS } from '../../src/monitor/mass-failure-hold.ts';
import { SimulatedHost, type HostRecord } from '../support/simulated-host.ts';

/** FLEET.md has the figures of a thousand. */
const HOSTS = Number(process.env['FLEET_HOSTS'] ?? 150);
const APPS = 20;
const MINUTE = 60_000;
const FROM = MINUTE / 2;
const TO = FROM + 2 * MINUTE;
/** While all is well, each app is asked every 5 s. */
const USUAL = (HOSTS * APPS) / 5;

/** The most of these moments, in milliseconds, that lie in one second. */
function mostInASecond(moments: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const at of moments) {
    const second = Math.floor(at / 1_000);
    counts.set(second, (counts.get(second) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** A backend that all apps of all hosts need is down for two minutes; the clock jumps (docs/FLEET.md). */
describe('many hosts of twenty apps', () => {
  let hosts: readonly HostRecord[] = [];
  before(() => {
    const outage = { from: FROM, to: TO };
    hosts = Array.from({ length: HOSTS }, (_, seed) =>
      new SimulatedHost(seed + 1, APPS, outage).run(TO + MINUTE / 2),
    );
  });

  /** How many apps of all hosts are asked in this second. */
  const askedAt = (second: number): number =>
    hosts.reduce((sum, { probesBySecond }) => sum + (probesBySecond[second] ?? 0), 0);

  test('are restarted less than once each on average, and never after the outage', (t) => {
    const all = hosts.flatMap(({ restarts }) => restarts);
    const most = mostInASecond(all);
    t.diagnostic(`${all.length} restarts, at most ${most} in a second`);
    assert.ok(all.every((at) => at >= FROM + HOLD_MS && at < TO));
    assert.ok(all.length > 0 && all.length <= HOSTS * APPS);
    // The hosts see the outage in the same seconds, so that their first restarts come together: one of each host.
    assert.ok(most <= HOSTS, `${most} restarts in a second`);
  });

  test('ask the backend at most once a second each, then as usual, in waves that get lower', (t) => {
    const seconds = Array.from({ length: 30 }, (_, at) => askedAt(TO / 1_000 + at));
    const most = Math.max(...seconds);
    t.diagnostic(`usually ${USUAL} a second; after the return ${seconds.join(' ')}`);
    // An app that is down is asked every second, so that it is seen soon to be back.
    assert.ok(most <= HOSTS * APPS, `${most} in a second`);
    const ofSeconds = (from: number, to: number): readonly number[] => seconds.slice(from, to);
    const sum = ofSeconds(20, 30).reduce((all, count) => all + count, 0);
    assert.ok(sum <= 1.2 * 10 * USUAL, `${sum} in ten seconds`);
    assert.ok(Math.max(...ofSeconds(20, 30)) < 0.8 * Math.max(...ofSeconds(5, 10)));
  });

  test('are all healthy within seconds, with one incident of each app', (t) => {
    const last = Math.max(...hosts.flatMap(({ healthyAt }) => healthyAt)) - TO;
    const incidents = hosts.flatMap((host) => host.incidents);
    t.diagnostic(`the last is healthy after ${last} ms; ${incidents.length} incidents`);
    assert.ok(last < 15_000, `${last} ms`);
    assert.equal(incidents.length, HOSTS * APPS);
  });
});
