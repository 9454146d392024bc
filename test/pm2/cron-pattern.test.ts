import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wasCronDue } from '../../src/pm2/cron-pattern.ts';

/** A Friday. */
const at = (hours: number, minutes: number, seconds: number): number =>
  new Date(2026, 10, 27, hours, minutes, seconds).getTime();

describe('a cron_restart', () => {
  for (const [pattern, time] of [
    ['0 4 * * *', at(4, 0, 0)],
    ['0 4 * * *', at(4, 0, 5)],
    ['*/3 * * * * *', at(9, 17, 30)],
    ['15,45 8-18/2 * * mon-fri', at(10, 45, 1)],
    ['0 0 1 * 5', at(0, 0, 0)],
    ['0 0 27 nov *', at(0, 0, 2)],
    ['0 0 1/2 * *', at(0, 0, 2)],
    ['? ? * * ? 5', at(1, 0, 0)],
  ] as const) {
    test(`${pattern} was due at ${new Date(time).toTimeString().slice(0, 8)}`, () => {
      assert.equal(wasCronDue(pattern, time), true);
    });
  }

  for (const [pattern, time] of [
    ['0 4 * * *', at(4, 0, 7)],
    ['0 4 * * *', at(5, 0, 0)],
    ['0 4 * * 1', at(4, 0, 0)],
    ['0 4 28 * *', at(4, 0, 0)],
    ['0 4 * dec *', at(4, 0, 0)],
    ['0 4 L * *', at(4, 0, 0)],
    ['@daily', at(0, 0, 0)],
    ['0 0 0 0 0 0 0', at(0, 0, 0)],
    ['', at(0, 0, 0)],
  ] as const) {
    test(`'${pattern}' was not, as far as is known, at ${new Date(time).toTimeString().slice(0, 8)}`, () => {
      assert.equal(wasCronDue(pattern, time), false);
    });
  }
});
