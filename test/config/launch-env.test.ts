import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'dotenv';
import { launchDefaults, readLaunchEnv } from '../../src/config/launch-env.ts';
import { readBlock } from '../../src/config/target-config.ts';

const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');

const urlOf = (host: string): string => readLaunchEnv({ APP_HOST: host, APP_PORT: '80' }).url;

describe('the launch settings', () => {
  it('have defaults, also for variables that are empty', () => {
    const expected = {
      appName: 'web',
      appDir: 'example/react-app',
      host: '127.0.0.1',
      port: 5173,
      url: 'http://127.0.0.1:5173/',
      health: { period: '5s', timeout: '2s', failureThreshold: 3 },
    };
    assert.deepEqual(readLaunchEnv({}), expected);
    assert.deepEqual(readLaunchEnv({ APP_PORT: '', HEALTH_PERIOD: '' }), expected);
  });

  it('make a block that is good', () => {
    const { url, health } = readLaunchEnv({
      HEALTH_PERIOD: '100ms',
      HEALTH_FAILURE_THRESHOLD: '1',
    });
    const result = readBlock({ vite: url, ...health }, {});
    assert.equal(result.ok && result.config.schedule.periodMs, 100);
  });

  it('reach a wildcard host through loopback, and put IPv6 into brackets', () => {
    const urls = ['0.0.0.0', '::', '0:0:0:0:0:0:0:0', '::1', 'localhost'].map(urlOf);
    assert.deepEqual(urls, [
      'http://127.0.0.1:80/',
      'http://[::1]:80/',
      'http://[::1]:80/',
      'http://[::1]:80/',
      'http://localhost:80/',
    ]);
  });

  it('that are bad are all named in one error', () => {
    const env = {
      APP_NAME: 'web app',
      APP_HOST: 'http://localhost',
      APP_PORT: '99999',
      HEALTH_PERIOD: '5',
      HEALTH_TIMEOUT: 'soon',
      HEALTH_FAILURE_THRESHOLD: 'three',
    };
    const message = [
      '6 settings in the environment or in .env cannot be used:',
      "  APP_NAME: got 'web app'; write letters, digits, dots, hyphens and underscores, at most 64",
      "  APP_HOST: got 'http://localhost'; write a host name or address, like '127.0.0.1' or '::1'",
      "  APP_PORT: got '99999'; write a port from 1 to 65535",
      "  HEALTH_PERIOD: got '5'; write '5s' or '5ms'",
      "  HEALTH_TIMEOUT: got 'soon'; write a number with a unit (ms, s, m, h or d), like '5s'",
      "  HEALTH_FAILURE_THRESHOLD: got 'three'; write a whole number from 1 to 100",
    ].join('\n');
    assert.throws(() => readLaunchEnv(env), { code: 'ERR_CONFIG', message });
  });

  for (const name of ['all', '7', 'web.json', 'a.config.js', 'pm2-liveness']) {
    it(`refuse the app name '${name}', which PM2 or the monitor uses`, () => {
      const message = `one setting in the environment or in .env cannot be used:\n  APP_NAME: got '${name}'; PM2's commands would take it for something else; write another name`;
      assert.throws(() => readLaunchEnv({ APP_NAME: name }), { message });
    });
  }
});

describe('.env.example', () => {
  it('lists every variable with its default', () => {
    // The monitor's own setting: ecosystem.config.cjs has its default.
    assert.deepEqual(parse(example), { ...launchDefaults, LIVENESS_HTTP: '9616' });
  });

  it('explains every variable', () => {
    for (const paragraph of example.trim().split('\n\n')) assert.match(paragraph, /^# /);
  });
});
