import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBeat } from '../../src/pm2/bus-event.ts';

test('a heartbeat on the bus is laid to the pm_id that PM2 says it came from', () => {
  const process = { pm_id: 3, name: 'web' };
  assert.equal(toBeat({ at: 1, data: {}, process }), 3);
  assert.equal(toBeat({ data: { pm_id: 4 }, process }), 3, 'whatever the app itself says');
});

test('the old process of a reload, and anything of another shape, is nobody', () => {
  const odd = [{ process: { pm_id: '_old_3' } }, { process: null }, { process: {} }, {}, null, 'x'];
  for (const message of odd) assert.equal(toBeat(message), null);
});
