import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBlock, type TargetConfig } from '../../../src/config/target-config.ts';
import { confirmationsFor } from '../../../src/monitor/worker/confirmations.ts';
import { Driver, fail, OK, policyOf } from '../../support/verdict-driver.ts';

function configOf(block: Parameters<typeof readBlock>[0]): TargetConfig {
  const read = readBlock(block, {});
  assert.ok(read.ok);
  return read.config;
}

const TCP = configOf({ tcp: '127.0.0.1:1' });

/** An app that was well, and has given these bad answers since. */
function after(...classes: Parameters<typeof fail>[0][]): Driver['verdict'] {
  return new Driver(policyOf())
    .comesOnline()
    .answers(OK)
    .hears(...classes.map(fail)).verdict;
}

describe('the probes that confirm a timeout', () => {
  test('are as many as the threshold still wants, besides the next one', () => {
    assert.equal(confirmationsFor(after('timeout'), TCP), 1);
    assert.equal(confirmationsFor(after('timeout', 'timeout'), TCP), 0);
    const patient = configOf({ tcp: '127.0.0.1:1', failureThreshold: 6 });
    assert.equal(confirmationsFor(after('timeout'), patient), 4);
  });

  test('are none while the app is well, failed in another way, or was never well', () => {
    assert.equal(confirmationsFor(after(), TCP), null);
    assert.equal(confirmationsFor(after('status'), TCP), null);
    const never = new Driver().comesOnline().hears(fail('timeout')).verdict;
    assert.equal(confirmationsFor(never, TCP), null);
  });

  test('do not overlap where a command or a deep check runs', () => {
    const verdict = after('timeout');
    assert.equal(confirmationsFor(verdict, configOf({ exec: 'true' })), null);
    assert.equal(confirmationsFor(verdict, configOf({ heartbeat: '5s' })), null);
    const memory = { ...verdict.memory, needsDeep: true };
    assert.equal(confirmationsFor({ ...verdict, memory }, TCP), null);
  });
});
