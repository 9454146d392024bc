import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UptimeTracker } from '../../src/uptime/tracker.ts';
import type { Sample } from '../../src/probe/probe.ts';
import { figuresOf, unknownUptime } from '../../src/uptime/figures.ts';
import { Driver, fail, OK, policyOf } from '../support/verdict-driver.ts';

/** What a tracker makes of an incarnation, in the words of the state machine. */
class Story {
  readonly driver = new Driver(policyOf());
  readonly watch = new UptimeTracker(unknownUptime(0));

  /** PM2 says that a new incarnation is online at a time. */
  begins(at: number): this {
    this.driver.now = at;
    this.driver.comesOnline();
    this.watch.onState(this.driver.verdict, null);
    return this;
  }

  /** An answer that was requested at one time and came, or was given up, at another. */
  hears(outcome: typeof OK | ReturnType<typeof fail>, askedAt: number, at = askedAt): this {
    this.driver.now = at;
    const sample: Sample = { ...outcome, at: askedAt, durationMs: at - askedAt };
    this.driver.sample(sample);
    this.watch.onState(this.driver.verdict, sample);
    return this;
  }

  downMs(at: number): number {
    return figuresOf(this.watch.uptime, 3_600_000, at).downMs;
  }
}

describe('what is measured of an outage', () => {
  test('it began between the last good answer and the first bad one, and ended in the same way', () => {
    const story = new Story().begins(0).hears(OK, 1_000);
    story.hears(OK, 10_000).hears(fail('timeout'), 15_000, 17_000);
    // Down from 12.5 s on, as far as is known.
    assert.equal(story.watch.uptime.standing, 'down');
    assert.equal(story.watch.uptime.since, 12_500);
    story.hears(fail('timeout'), 18_000, 20_000).hears(OK, 21_000);
    assert.deepEqual([story.watch.uptime.standing, story.watch.uptime.since], ['up', 20_500]);
  });

  test('the end of an incarnation is known to the millisecond', () => {
    const story = new Story().begins(0).hears(OK, 100).hears(OK, 5_000);
    story.begins(7_000).hears(OK, 7_600);
    assert.equal(story.downMs(10_000) - story.downMs(6_000), 300);
  });

  test('a first start counts neither way until it answers', () => {
    const story = new Story().begins(0).hears(fail('refused'), 500).hears(OK, 1_000);
    const { downMs, observedMs, availability } = figuresOf(story.watch.uptime, 3_600_000, 2_000);
    assert.deepEqual([downMs, observedMs, availability], [0, 1_000, 1]);
  });

  test('a first start counts as down from `startupTimeout` on', () => {
    const { startupTimeoutMs } = policyOf();
    const story = new Story().begins(0).hears(fail('refused'), 500);
    story.hears(fail('refused'), startupTimeoutMs).hears(OK, startupTimeoutMs + 1_000);
    assert.equal(story.downMs(startupTimeoutMs - 1), 0);
    assert.equal(story.watch.uptime.standing, 'up');
    assert.ok(story.downMs(startupTimeoutMs + 2_000) > 0);
  });

  test('the start of an app that was up before is part of its outage', () => {
    const story = new Story().begins(0).hears(OK, 1_000).hears(OK, 5_000);
    story.begins(6_000).hears(fail('refused'), 6_500).hears(OK, 8_000);
    assert.equal(story.downMs(9_000), 1_250);
  });

  test('time in which the checker is unfit is not observed', () => {
    const story = new Story().begins(0).hears(OK, 1_000);
    story.driver.now = 2_000;
    story.driver.apply({ type: 'fitness', at: 2_000, unfit: 'lag' });
    story.watch.onState(story.driver.verdict, null);
    assert.equal(story.watch.uptime.standing, 'unseen');
    assert.equal(figuresOf(story.watch.uptime, 3_600_000, 60_000).observedMs, 1_000);
  });
});
