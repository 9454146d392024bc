import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appEnvironment } from '../../src/pm2/app-environment.ts';

test('what the user had and wrote, with the numbers of this instance', () => {
  const pm2Env = {
    env: {
      PATH: '/bin',
      PORT: '3000',
      FLAG: true,
      COUNT: 3,
      PM_TOKEN: 'mine',
      web: {},
      NONE: null,
    },
    PATH: '/bin',
    PORT: 3_002,
    instance_var: 'SLOT',
    SLOT: 2,
    NODE_APP_INSTANCE: 'not of this app',
    node_args: ['--inspect'],
    args: 'a',
    username: 'root',
  };
  assert.deepEqual(appEnvironment(pm2Env), {
    PATH: '/bin',
    PORT: '3002',
    FLAG: 'true',
    COUNT: '3',
    PM_TOKEN: 'mine',
    SLOT: '2',
  });
});

test('nothing by which PM2 knows the app, and nothing of the monitor', () => {
  const env = {
    PM2_HOME: '/p',
    PM2_USAGE: 'CLI',
    PM2_JSON_PROCESSING: 'true',
    pm_id: '3',
    pm_cwd: '/w',
    name: 'web',
    unique_id: 'u',
    status: 'online',
    LIVENESS_NOTIFY: 'smtp://user:secret@host',
    'pm2-liveness': '{"liveness_log":"json"}',
    NODE_CHANNEL_FD: '3',
    NODE_UNIQUE_ID: '1',
    'A=B': 'c',
    NUL: 'a\0b',
    KEPT: 'yes',
  };
  assert.deepEqual(appEnvironment({ env, ...env }), { KEPT: 'yes' });
});

test('an odd entry has no environment', () => {
  assert.deepEqual(appEnvironment({}), {});
  assert.deepEqual(appEnvironment({ env: 'text' }), {});
  assert.deepEqual(appEnvironment({ env: JSON.parse('{"__proto__": "x", "A": "b"}') }).A, 'b');
});
