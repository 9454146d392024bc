import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findPlans, processNamed } from '../../../src/cli/watch/find-plans.ts';
import { codeOf, messageOf } from '../../../src/errors.ts';
import { managed } from '../../support/fake-pm2.ts';

const { signal } = new AbortController();
const online = managed({ name: 'web', pmId: 1, block: { tcp: '127.0.0.1:1' } });
const stopped = managed({ name: 'web', pmId: 0, status: 'stopped' });

/** The usage error of a call. */
async function refusal(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    assert.equal(codeOf(error), 'ERR_USAGE');
    return messageOf(error);
  }
  return assert.fail('not refused');
}

describe('what watch finds for a name', () => {
  test('is the instance that runs, before one that does not', () => {
    assert.equal(processNamed('web', [stopped, online]), online);
    assert.equal(processNamed('web', [stopped]), stopped);
  });

  test('is a hint where PM2 has no such app', async () => {
    assert.match(await refusal(() => processNamed('wbe', [online])), /no app 'wbe'.*web/);
    assert.match(await refusal(() => processNamed('web', [])), /PM2 has none/);
  });

  const apps = { pm2Home: '/nowhere', processes: [online] };

  test('is nothing to do where the app has a block', async () => {
    const [plan] = await findPlans(['web'], apps, signal);
    assert.equal(plan?.state, 'watched');
    assert.match(plan.proposal.found, /PM2's entry/);
  });

  test('is refused where a probe is typed for an app whose block PM2 has', async () => {
    const said = await refusal(() => findPlans(['web', '3000'], apps, signal));
    assert.match(said, /has a block in PM2, which comes first/);
  });

  test('is refused for a monitor', async () => {
    const monitor = managed({
      name: 'pm2-liveness',
      env: { pm_exec_path: '/srv/node_modules/pm2-liveness/dist/main.js' },
    });
    const given = { pm2Home: '/nowhere', processes: [monitor] };
    assert.match(await refusal(() => findPlans(['pm2-liveness'], given, signal)), /never watched/);
  });
});
