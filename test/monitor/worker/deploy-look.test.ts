import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeployLook } from '../../../src/monitor/worker/deploy-look.ts';
import { observationOf } from '../../../src/target/observation.ts';
import type { DeployEvidence } from '../../../src/verdict/event.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { managed } from '../../support/fake-pm2.ts';
import { Driver, fail, OK } from '../../support/verdict-driver.ts';

const NPM: DeployEvidence = { reason: 'npm ci (pid 8) is at work in /srv/web', isCertain: false };

/** An app that is held, and what each look at `ms` after the one before brings for what is seen then. */
function held(evidence: DeployEvidence) {
  const driver = new Driver().comesOnline(1e6).answers(OK);
  driver.deploy = evidence;
  driver.answers(fail('refused'), fail('refused'), fail('refused'));
  assert.notEqual(driver.verdict.deployHold, null);
  const clock = new FakeClock();
  let seen: DeployEvidence | null = evidence;
  const look = new DeployLook(clock, { deploy: async () => seen });
  const app = observationOf(managed(), clock);
  return async (now: DeployEvidence | null, ms: number) => {
    seen = now;
    await clock.pass(ms);
    return (await look.evidence(app, driver)).deploy;
  };
}

test('a hold outlasts the moment in which npm has not started its installer yet', async () => {
  const look = held(NPM);
  assert.deepEqual(await look(NPM, 1_000), NPM);
  assert.deepEqual(await look(null, 1_000), NPM);
  assert.deepEqual(await look(null, 1_500), NPM);
  assert.deepEqual(await look(NPM, 400), NPM);
  assert.deepEqual(await look(null, 1_000), NPM, 'counted from the last that was seen');
  assert.equal(await look(null, 2_000), null);
});

test('a hold for what must be there ends as soon as it is', async () => {
  const gone: DeployEvidence = { reason: '/srv/web is gone', isCertain: true };
  const look = held(gone);
  assert.equal(await look(null, 1_000), null);
});
