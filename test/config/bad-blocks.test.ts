import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readBlock } from '../../src/config/target-config.ts';
import { badSettings } from './bad-blocks.ts';
import { badHttpAndVite, badTcpAndExec, badWebSocketAndHeartbeat } from './bad-probes.ts';

const appEnv = { PORT: 3000, WORD: 'abc', axm_options: {}, pm_cwd: '/srv/web' };

describe('a bad block', () => {
  for (const { mistake, block, problems } of [
    ...badSettings,
    ...badTcpAndExec,
    ...badHttpAndVite,
    ...badWebSocketAndHeartbeat,
  ]) {
    it(`says what is wrong with ${mistake}`, () => {
      const result = readBlock(block, appEnv);
      const said = result.ok
        ? []
        : result.problems.map(({ path, message }) => `${path}: ${message}`);
      assert.deepEqual(said, problems);
    });
  }

  it('is bad with any overrides', () => {
    const result = readBlock({ tcp: 'localhost:1', period: 5 }, appEnv, { period: 1000 });
    assert.equal(result.ok, false);
  });
});
