import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Driver, fail, OK, policyOf } from '../support/verdict-driver.ts';
import type { Outcome } from '../../src/probe/probe.ts';

const STOPPED: Outcome = { ...fail('timeout'), isStopped: true };

describe('an app that is proven to be stopped (state T)', () => {
  test('is restarted after one sample', () => {
    const app = new Driver().comesOnline().answers(OK).hears(STOPPED);
    assert.equal(app.state, 'restarting');
    assert.equal(app.restarts.length, 1);
  });

  test('that never answered has its startup time', () => {
    const app = new Driver().comesOnline().hears(STOPPED, STOPPED, STOPPED);
    assert.equal(app.state, 'starting');
    assert.deepEqual(app.restarts, []);
  });

  test('is only reported in observe mode', () => {
    const app = new Driver(policyOf({ action: 'observe' }))
      .comesOnline()
      .answers(OK)
      .hears(STOPPED);
    assert.equal(app.state, 'failing');
    assert.deepEqual(app.restarts, []);
  });

  test('waits for the slot and for a mass failure as any other', () => {
    for (const gate of ['slotFreeAt', 'heldUntil'] as const) {
      const app = new Driver().comesOnline().answers(OK);
      app[gate] = app.now + 20_000;
      app.hears(STOPPED);
      assert.equal(app.state, 'backoff', gate);
      app.after(30_000).hears(STOPPED);
      assert.equal(app.restarts.length, 1, gate);
    }
  });

  test('that goes on is left alone', () => {
    const app = new Driver().comesOnline().answers(OK, fail('timeout'), OK);
    assert.equal(app.state, 'healthy');
    assert.deepEqual(app.restarts, []);
  });
});
