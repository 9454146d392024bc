import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HOLD_MOST_MS } from '../../../src/verdict/deploy/hold-for-deploy.ts';
import type { DeployEvidence } from '../../../src/verdict/event.ts';
import { Driver, OK, fail, policyOf } from '../../support/verdict-driver.ts';

const NPM: DeployEvidence = { reason: 'npm ci (pid 8) is at work in /srv/web', isCertain: false };
const GONE: DeployEvidence = { reason: 'its script is gone', isCertain: true };

/** A healthy app that then fails as often as is needed, while `deploy` is at work. */
function failing(deploy: DeployEvidence | null): Driver {
  const app = new Driver().comesOnline().answers(OK);
  app.deploy = deploy;
  return app.answers(fail('refused'), fail('refused'), fail('refused'));
}

describe('a restart that is due while an installer works on the files of the app', () => {
  test('is held, charged to nothing, and the incident is open', () => {
    const app = failing(NPM);
    assert.deepEqual(app.restarts, []);
    assert.equal(app.state, 'backoff');
    assert.equal(app.verdict.memory.budget.length, 0);
    assert.equal(app.verdict.pending, null);
    assert.equal(app.verdict.deployHold?.reason, NPM.reason);
    assert.equal(app.verdict.incident?.cause, 'refused');
  });

  test('is decided again when that is over, by answers to later questions', () => {
    const app = failing(NPM).answers(fail('refused'), fail('refused'), fail('refused'));
    app.deploy = null;
    app.answers(fail('refused'), fail('refused'));
    assert.deepEqual(app.restarts, []);
    assert.equal(app.verdict.deployHold, null);
    app.answers(fail('refused'));
    assert.equal(app.restarts.length, 1);
  });

  test('is forgotten where the app is well again', () => {
    const app = failing(NPM).answers(OK);
    assert.equal(app.state, 'healthy');
    assert.equal(app.verdict.deployHold, null);
    assert.deepEqual(app.restarts, []);
  });

  test('is issued all the same after ten minutes, and the next one too', () => {
    const app = failing(NPM).after(HOLD_MOST_MS);
    app.answers(fail('refused'), fail('refused'), fail('refused'));
    assert.equal(app.restarts.length, 1);
    app.restarted().after(120_000);
    app.answers(fail('refused'), fail('refused'), fail('refused'));
    assert.equal(app.restarts.length, 2);
  });

  test('waits for as long as it takes where nothing could be started', () => {
    const app = failing(GONE).after(10 * HOLD_MOST_MS);
    app.answers(fail('refused'), fail('refused'), fail('refused'));
    assert.deepEqual(app.restarts, []);
  });

  test('is not held where nobody looked, or nothing is at work', () => {
    assert.equal(failing(null).restarts.length, 1);
    const app = new Driver().comesOnline().answers(OK);
    app.answers(fail('refused'), fail('refused'), fail('refused'));
    assert.equal(app.restarts.length, 1);
  });

  test('leaves an app alone that is not due', () => {
    const app = new Driver().comesOnline().answers(OK);
    app.deploy = NPM;
    app.answers(fail('refused'), OK);
    assert.equal(app.state, 'healthy');
    assert.equal(app.verdict.deployHold, null);
  });

  test('keeps the trial of an app that PM2 gave up back, says so at once, and lets it through then', () => {
    const app = new Driver(policyOf({ restarts: { cooldownMs: 60_000 } })).comesOnline();
    app.process('errored');
    app.deploy = NPM;
    app.after(1_000).tick();
    assert.equal(app.verdict.deployHold?.reason, NPM.reason);
    assert.equal(app.decisions.filter(({ type }) => type === 'still').length, 1);
    app.after(120_000).tick();
    assert.equal(app.state, 'open');
    assert.deepEqual(app.restarts, []);
    app.deploy = null;
    app.after(1_000).tick();
    assert.equal(app.restarts.length, 1);
    assert.equal(app.decisions.filter(({ type }) => type === 'still').length, 1);
  });

  test('starts nothing that the operator stopped meanwhile', () => {
    const app = failing(NPM).process('stopped');
    app.deploy = null;
    app.after(1_000).tick();
    assert.equal(app.state, 'paused');
    assert.deepEqual(app.restarts, []);
  });
});
