import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { loadMonitorConfig } from '../../src/config/load.ts';

const moduleEnv = (settings: unknown): { 'pm2-liveness': string } => ({
  'pm2-liveness': JSON.stringify(settings),
});

describe('the settings of the monitor', () => {
  it('are defaults where nothing is set', () => {
    assert.deepEqual(loadMonitorConfig({}), {
      overrides: {},
      log: 'text',
      pm2Home: join(homedir(), '.pm2'),
      pmId: null,
      name: null,
      searchPath: null,
      moduleSettings: null,
      listener: { address: null, token: null },
      notify: {
        lines: null,
        file: null,
        ping: null,
        linesName: 'LIVENESS_NOTIFY',
        fileName: 'LIVENESS_NOTIFY_FILE',
      },
      problems: [],
    });
  });

  it('come from pm2 set, which stores texts', () => {
    const settings = {
      liveness_period: '3s',
      liveness_fast_period: '2s',
      liveness_startup_period: '1s',
      liveness_startup_timeout: '90s',
      liveness_timeout: '1s',
      liveness_failure_threshold: '4',
      liveness_success_threshold: 2,
      liveness_busy_grace: '0s',
      liveness_action: 'observe',
      liveness_log: 'json',
    };
    const { overrides, log, problems } = loadMonitorConfig(moduleEnv(settings));
    assert.deepEqual(problems, []);
    assert.equal(log, 'json');
    assert.deepEqual(overrides, {
      period: 3000,
      fastPeriod: 2000,
      startupPeriod: 1000,
      startupTimeout: 90_000,
      timeout: 1000,
      failureThreshold: 4,
      successThreshold: 2,
      busyGrace: 0,
      action: 'observe',
    });
  });

  it('of pm2 set hold as they last were good, where they are bad now', () => {
    const bad = { liveness_period: 'banana', liveness_timeout: '900ms', liveness_action: 'sing' };
    const lastGood = { period: '3s', timeout: '800ms', action: 'dance', busy_grace: '1s' };
    const { overrides, problems, moduleSettings } = loadMonitorConfig(moduleEnv(bad), lastGood);
    // What is not set any more is not brought back, and a memory that is bad itself is none.
    assert.deepEqual(overrides, { period: 3000, timeout: 900 });
    assert.deepEqual(moduleSettings, { period: '3s', timeout: '900ms' });
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['pm2-liveness:liveness_period', 'pm2-liveness:liveness_action'],
    );
    assert.match(problems[0]?.message ?? '', /^got 'banana'; .*; the last good value '3s' holds$/);
    assert.doesNotMatch(problems[1]?.message ?? '', /last good/);
  });

  it('come from the environment before pm2 set', () => {
    const settings = { liveness_period: '3s', liveness_timeout: '1s', liveness_log: 'json' };
    const env = { LIVENESS_PERIOD: '4s', LIVENESS_FAILURE_THRESHOLD: '2', LIVENESS_LOG: 'text' };
    const { overrides, log } = loadMonitorConfig({ ...moduleEnv(settings), ...env });
    assert.deepEqual(overrides, { period: 4000, timeout: 1000, failureThreshold: 2 });
    assert.equal(log, 'text');
  });

  it('know the home and the place of the monitor in PM2', () => {
    const env = { PM2_HOME: '/tmp/pm2/', pm_id: '7', name: 'liveness' };
    const { pm2Home, pmId, name } = loadMonitorConfig(env);
    assert.deepEqual([pm2Home, pmId, name], ['/tmp/pm2', 7, 'liveness']);
  });

  it('that are wrong are reported and ignored', () => {
    const env = {
      ...moduleEnv({ liveness_period: '3s', liveness_timeout: 5, liveness_colour: 'red' }),
      LIVENESS_PERIOD: '5',
      LIVENESS_ACTION: 'kill',
      LIVENESS_FAILURE_THRESHOLD: '0',
      LIVENESS_FAILURE_TRESHOLD: '3',
      LIVENESS_BUSY_GRACE: '',
      LIVENESS_PROBE_OF_ANOTHER_PROGRAM: '1',
    };
    const { overrides, problems } = loadMonitorConfig(env);
    assert.deepEqual(overrides, { period: 3000 });
    assert.deepEqual(
      problems.map(({ path, message }) => `${path}: ${message}`),
      [
        "pm2-liveness:liveness_timeout: got 5; write '5s' or '5ms'",
        'pm2-liveness:liveness_colour: unknown setting; the settings are period, fast_period, ' +
          'startup_period, startup_timeout, timeout, failure_threshold, success_threshold, ' +
          'busy_grace, action, log, notify, ping, notify_file, http_token, http',
        "LIVENESS_PERIOD: got '5'; write '5s' or '5ms'",
        'LIVENESS_FAILURE_THRESHOLD: got 0; write a whole number from 1 to 100',
        "LIVENESS_ACTION: got 'kill'; write 'restart', 'reload' or 'observe'",
        "LIVENESS_FAILURE_TRESHOLD: unknown setting; did you mean 'LIVENESS_FAILURE_THRESHOLD'?",
      ],
    );
  });

  it('that lack their prefix are reported: nothing reads them, in the module or in the environment', () => {
    const settings = { period: '3s', livenes_timeout: '1s', livenessLog: 'json', colour: 'red' };
    const { overrides, log, problems } = loadMonitorConfig(moduleEnv(settings));
    assert.deepEqual([overrides, log], [{}, 'text']);
    const known =
      'period, fast_period, startup_period, startup_timeout, timeout, failure_threshold, ' +
      'success_threshold, busy_grace, action, log, notify, ping, notify_file, http_token, http';
    assert.deepEqual(
      problems.map(({ path, message }) => `${path}: ${message}`),
      [
        "pm2-liveness:period: unknown setting; did you mean 'pm2-liveness:liveness_period'?",
        "pm2-liveness:livenes_timeout: unknown setting; did you mean 'pm2-liveness:liveness_timeout'?",
        "pm2-liveness:livenessLog: unknown setting; did you mean 'pm2-liveness:liveness_log'?",
        `pm2-liveness:colour: unknown setting; write 'pm2-liveness:liveness_<name>' with a name of ${known}`,
      ],
    );
    const env = { PERIOD: '3s', period: '3s', colour: 'red' };
    assert.deepEqual(loadMonitorConfig(env).problems, []);
  });

  it('survive a module variable that is no JSON', () => {
    for (const json of ['{', '5', 'null', '[]']) {
      const { problems } = loadMonitorConfig({ 'pm2-liveness': json });
      assert.deepEqual(problems, [
        {
          path: 'pm2-liveness',
          message: 'got no JSON object in this variable, which PM2 sets; its settings are ignored',
        },
      ]);
    }
  });

  it('never make it throw', () => {
    const names = fc.constantFrom(
      'LIVENESS_PERIOD',
      'LIVENESS_LOG',
      'LIVENESS_X',
      'PM2_HOME',
      'pm_id',
    );
    const variables = fc.dictionary(names, fc.string());
    const settings = fc.dictionary(
      fc.constantFrom('liveness_period', 'liveness_log', 'liveness___proto__'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(variables, settings, (env, set) => {
        loadMonitorConfig({ ...env, ...moduleEnv(set) });
      }),
    );
  });
});
