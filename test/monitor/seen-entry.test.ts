import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgetSeen, isSteady, seenEntryOf } from '../../src/monitor/seen-entry.ts';
import type { Watched } from '../../src/monitor/watched.ts';
import { managed } from '../support/fake-pm2.ts';
import { Driver, OK, fail } from '../support/verdict-driver.ts';
import type { Target } from '../../src/target/grouping.ts';

const process = managed({ pmId: 1, name: 'web', pid: 77, startedAt: 5 });
// as: only its identity is compared
const config = {} as Target['config'];
const target: Target = {
  key: 'web',
  name: 'web',
  processes: [process],
  config,
  instance: 0,
  isCluster: false,
};

/** A target whose entry was last seen on connection 3. */
function watched(driver: Driver, seenTarget = target): Watched {
  const worker = { verdict: driver.verdict };
  // as: no more of it is compared
  return { worker, config, pmIds: [1], seen: seenEntryOf(seenTarget, 3) } as unknown as Watched;
}

const well = (): Driver => new Driver().comesOnline(1e6).answers(OK);
const changed = (fields: object): Target => ({ ...target, processes: [{ ...process, ...fields }] });

test('a target that is well is steady while its entry stays the same', () => {
  assert.equal(isSteady(watched(well()), target, 3), true);
});

test('it is not where anything of the entry, the settings or the bus is another', () => {
  const others: Target[] = [
    changed({ pid: 78 }),
    changed({ startedAt: 6 }),
    changed({ restarts: process.restarts + 1 }),
    changed({ status: 'stopping' }),
    { ...target, instance: 1 },
    { ...target, config: { ...config } },
    { ...target, processes: [] },
  ];
  for (const other of others) assert.equal(isSteady(watched(well()), other, 3), false);
  assert.equal(isSteady(watched(well()), target, 4), false);
  assert.equal(isSteady(watched(well()), target, null), false);
});

test('it is not while the app is not well, or was not one running process', () => {
  assert.equal(isSteady(watched(new Driver().comesOnline(1e6)), target, 3), false);
  assert.equal(isSteady(watched(well().answers(fail('refused'))), target, 3), false);
  assert.equal(isSteady(watched(well(), changed({ status: 'stopped' })), target, 3), false);
  assert.equal(isSteady(watched(well(), { ...target, isCluster: true }), target, 3), false);
});

test('it is not after PM2 has reported something of its process', () => {
  const [known, other] = [watched(well()), watched(well())];
  other.pmIds = [2];
  forgetSeen(new Map(Object.entries({ known, other })), 1);
  assert.deepEqual(
    [known, other].map((each) => isSteady(each, target, 3)),
    [false, true],
  );
});
