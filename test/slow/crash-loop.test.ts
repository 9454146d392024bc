import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { playCrashLoop, startCrashing } from '../soak/crash-loop.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';

/** The first minutes of a monitor compile code and fill caches: a megabyte or so, with or without restarts. */
const GROWTH_BYTES = 3 * 1_048_576;

describe('an app that crashes sixty times', () => {
  let sandbox: Pm2Sandbox;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    await startCrashing(sandbox);
  });

  after(() => sandbox.destroy());

  test('has one incident, few lines, a small journal and no restart of ours', async (context) => {
    const { heapGrowth, ...rest } = await playCrashLoop(sandbox, { restarts: 60, settled: 20 });
    context.diagnostic(`${JSON.stringify(rest)}, heap ${Math.round(heapGrowth / 1_024)} KB more`);
    assert.ok(heapGrowth < GROWTH_BYTES, `the heap grew by ${heapGrowth} bytes`);
  });
});
