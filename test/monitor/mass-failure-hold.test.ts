import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MassFailureHold } from '../../src/monitor/mass-failure-hold.ts';
import { Driver, OK, fail } from '../support/verdict-driver.ts';

const DOWN = fail('timeout');

/** Some apps under one hold, each stepped by hand. */
class Fleet {
  now = 100_000;
  readonly apps: Driver[];
  readonly #hold: MassFailureHold;

  constructor(count: number) {
    this.apps = Array.from({ length: count }, (_, nth) => new Driver(undefined, nth));
    for (const app of this.apps) {
      app.now = this.now - 1_000;
      app.comesOnline(1e6).answers(OK);
    }
    this.#hold = new MassFailureHold(
      () => this.apps.map(({ verdict }) => verdict),
      () => this.now,
    );
  }

  /** At this time these answer badly, and all others well. */
  at(ms: number, ...bad: number[]): this {
    this.now = 100_000 + ms;
    for (const [nth, app] of this.apps.entries()) {
      app.now = this.now;
      app.heldUntil = this.#hold.untilFor(app.verdict);
      const before = app.state;
      app.sample({ ...(bad.includes(nth) ? DOWN : OK), at: this.now, durationMs: 1 });
      if (app.state !== before) this.#hold.forget();
    }
    return this;
  }

  get restarts(): number[] {
    return this.apps.map(({ restarts }) => restarts.length);
  }
}

describe('a hold that has begun', () => {
  test('lasts, though most are well again, because of the one that was probed last', () => {
    const fleet = new Fleet(4);
    for (let ms = 0; ms <= 6_000; ms += 1_000) fleet.at(ms, 0, 1, 2, 3);
    // Three are well; the samples of the fourth were the last of the blip.
    for (let ms = 7_000; ms <= 29_000; ms += 1_000) fleet.at(ms, 3);
    fleet.at(30_000);
    assert.deepEqual(fleet.restarts, [0, 0, 0, 0]);
  });

  test('of three of six holds the others as well, and ends after 30 s for those that still fail', () => {
    const fleet = new Fleet(6);
    for (let ms = 0; ms <= 3_000; ms += 1_000) fleet.at(ms, 0, 2, 4);
    for (let ms = 4_000; ms <= 29_000; ms += 1_000) fleet.at(ms, 4);
    assert.deepEqual(fleet.restarts, [0, 0, 0, 0, 0, 0]);
    for (let ms = 30_000; ms <= 33_000; ms += 1_000) fleet.at(ms, 4);
    assert.deepEqual(fleet.restarts, [0, 0, 0, 0, 1, 0]);
  });

  test('also holds one that begins to fail in its middle, and no longer than its own 30 s', () => {
    const fleet = new Fleet(4);
    for (let ms = 0; ms <= 7_000; ms += 1_000) fleet.at(ms, 0, 1);
    for (let ms = 8_000; ms <= 29_000; ms += 1_000) fleet.at(ms, 2);
    assert.deepEqual(fleet.restarts, [0, 0, 0, 0]);
    for (let ms = 30_000; ms <= 33_000; ms += 1_000) fleet.at(ms, 2);
    assert.deepEqual(fleet.restarts, [0, 0, 1, 0]);
  });

  test('counts no app that is stopped among those of which half must fail', () => {
    const fleet = new Fleet(8);
    for (const app of fleet.apps.slice(3)) app.process('stopped');
    for (let ms = 0; ms <= 7_000; ms += 1_000) fleet.at(ms, 0, 1, 2);
    for (let ms = 8_000; ms <= 29_000; ms += 1_000) fleet.at(ms, 2);
    assert.deepEqual(fleet.restarts.slice(0, 3), [0, 0, 0]);
  });

  test('is not begun again and again over one that fails all the time', () => {
    const fleet = new Fleet(3);
    for (let ms = 0; ms <= 90_000; ms += 1_000) {
      const isBlip = ms % 15_000 < 4_000;
      if (isBlip) fleet.at(ms, 0, 1, 2);
      else fleet.at(ms, 0);
      if (fleet.restarts[0] === 1) break;
    }
    assert.deepEqual(fleet.restarts, [1, 0, 0]);
    assert.ok(fleet.now <= 100_000 + 40_000, `restarted after ${fleet.now - 100_000} ms`);
  });
});

describe('apps that start', () => {
  test('and are late together are held', () => {
    const fleet = new Fleet(3);
    for (const app of fleet.apps) app.comesOnline(118_000);
    for (let ms = 0; ms <= 20_000; ms += 500) fleet.at(ms, 0, 1, 2);
    assert.deepEqual(fleet.restarts, [0, 0, 0]);
  });
});
