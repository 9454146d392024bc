import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { monitorStart } from '../../../src/cli/watch/monitor-start.ts';
import { managed } from '../../support/fake-pm2.ts';

describe('the start of a monitor without an ecosystem file', () => {
  test('has the folder of the program, not the present one, and the options of init', () => {
    const { words, line } = monitorStart([], '/srv/my app/node_modules/pm2-liveness/dist/main.js');
    const folder = '/srv/my app/node_modules/pm2-liveness';
    assert.deepEqual(words?.slice(0, 6), [
      'start',
      `${folder}/dist/main.js`,
      '--name',
      'pm2-liveness',
      '--cwd',
      folder,
    ]);
    assert.ok(words.includes('--no-pmx'));
    assert.match(line, /^npx pm2 start '\/srv\/my app\//);
  });

  test("is left to a person where the program is in npm's cache", () => {
    const path = '/home/ann/.npm/_npx/ab12/node_modules/pm2-liveness/dist/main.js';
    const { words, line, reason } = monitorStart([], path);
    assert.equal(words, null);
    assert.equal(line, '');
    assert.match(reason, /npm's cache/);
  });

  test('is left to the operator where PM2 has a monitor, which somebody stopped', () => {
    const known = managed({
      name: 'pm2-liveness',
      status: 'stopped',
      env: { pm_exec_path: '/srv/node_modules/pm2-liveness/dist/main.js' },
    });
    const { words, line, reason } = monitorStart([known], '/srv/main.js');
    assert.equal(words, null);
    assert.equal(line, 'npx pm2 restart pm2-liveness');
    assert.match(reason, /stopped/);
  });
});
