import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { MessageDriver } from './message-driver.ts';

const APPS = ['a', 'b', 'c'];

const step = fc.oneof(
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 400_000 }) }),
  fc.record({
    do: fc.constant('open' as const),
    app: fc.constantFrom(...APPS),
    urgency: fc.constantFrom('person' as const, 'working' as const, 'held' as const),
    severity: fc.constantFrom('warning' as const, 'critical' as const),
    cause: fc.constantFrom('timeout', 'status', 'source'),
  }),
  fc.record({ do: fc.constant('end' as const), app: fc.constantFrom(...APPS) }),
  fc.record({ do: fc.constant('lose' as const), app: fc.constantFrom(...APPS) }),
);

test('in any order of events, each channel hears once of the end of each incident that it heard of', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const driver = new MessageDriver([
        { name: 'phone', minSeverity: 'critical' },
        { name: 'chat', minSeverity: 'info' },
      ]);
      for (const each of steps) {
        if (each.do === 'pass') driver.pass(each.ms);
        else if (each.do === 'lose') driver.forget(each.app);
        else if (each.do === 'end') {
          if (driver.isOpen(each.app)) driver.end(each.app);
        } else driver.open(each.app, each);
      }
      const before = driver.sent.length;
      driver.step();
      assert.equal(driver.sent.length, before, 'the same facts again say nothing more');
      for (const app of APPS) if (driver.isOpen(app)) driver.end(app);
      driver.pass(120_000);
      for (const channel of ['phone', 'chat']) {
        for (const app of APPS) mustAlternate(driver, channel, app);
      }
      assert.deepEqual(driver.ledger.entries, []);
      assert.deepEqual(driver.ledger.ended, []);
    }),
    { numRuns: 300 },
  );
});

/** Opened (perhaps once more, more severe), reminded, then resolved; nothing is open in the end. */
function mustAlternate(driver: MessageDriver, channel: string, app: string): void {
  const events = driver.sent
    .filter((sent) => sent.channel === channel && sent.apps.includes(app))
    .map(({ event }) => event);
  let open = 0;
  for (const event of events) {
    if (event === 'opened') open += 1;
    else if (event === 'resolved') {
      assert.ok(open === 1 || open === 2, events.join(' '));
      open = 0;
    } else if (event === 'reminder') assert.ok(open > 0, events.join(' '));
  }
  assert.equal(open, 0, events.join(' '));
}
