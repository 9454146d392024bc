import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LivenessBlock, RestartsBlock } from '../../src/config/block.ts';
import { readBlock, type Overrides, type TargetConfig } from '../../src/config/target-config.ts';
import { formatProblems } from '../../src/config/problem.ts';

const appEnv = { PORT: 3000, HOST: 'localhost', TOKEN: 'abc', pm_cwd: '/srv/web' };

/** The config of a good block; `LivenessBlock` also checks that authors may write it so. */
function read(block: LivenessBlock, overrides: Overrides = {}): TargetConfig {
  const result = readBlock(block, appEnv, overrides);
  if (!result.ok) assert.fail(formatProblems('web', result.problems));
  return result.config;
}

const probe = (block: LivenessBlock): unknown => read(block).probe;

/** Longest backoff, first and longest cooldown of a block with these restarts. */
function waits(restarts: RestartsBlock): readonly number[] {
  const policy = read({ tcp: 'a:1', restarts }).policy.restarts;
  return [policy.maxBackoffMs, policy.cooldownMs, policy.maxCooldownMs];
}

describe('a good block', () => {
  it('gets every default of DESIGN §2', () => {
    assert.deepEqual(read({ tcp: '127.0.0.1:5432' }), {
      probe: { type: 'tcp', host: '127.0.0.1', port: 5432 },
      schedule: { periodMs: 5000, fastPeriodMs: 1000, startupPeriodMs: 500, timeoutMs: 2000 },
      policy: {
        failureThreshold: 3,
        successThreshold: 1,
        startupTimeoutMs: 120_000,
        busyGraceMs: 30_000,
        action: 'restart',
        restarts: {
          limit: 5,
          withinMs: 600_000,
          maxBackoffMs: 300_000,
          cooldownMs: 900_000,
          maxCooldownMs: 7_200_000,
        },
      },
      portOwner: 'app',
      reapOrphans: true,
      maxTreeMemoryBytes: null,
    });
  });

  it('has every setting its own way', () => {
    const block: LivenessBlock = {
      tcp: { host: '::1', port: 80 },
      period: '10s',
      fastPeriod: '2s',
      startupPeriod: '250ms',
      startupTimeout: '1m',
      timeout: '1.5s',
      failureThreshold: 2,
      successThreshold: 4,
      busyGrace: '0s',
      action: 'observe',
      restarts: { limit: 2, within: '1h', maxBackoff: '1m', cooldown: '2m', maxCooldown: '3m' },
      portOwner: 'any',
      reapOrphans: false,
      maxTreeMemory: '1.5G',
    };
    assert.deepEqual(read(block), {
      probe: { type: 'tcp', host: '::1', port: 80 },
      schedule: { periodMs: 10_000, fastPeriodMs: 2000, startupPeriodMs: 250, timeoutMs: 1500 },
      policy: {
        failureThreshold: 2,
        successThreshold: 4,
        startupTimeoutMs: 60_000,
        busyGraceMs: 0,
        action: 'observe',
        restarts: {
          limit: 2,
          withinMs: 3_600_000,
          maxBackoffMs: 60_000,
          cooldownMs: 120_000,
          maxCooldownMs: 180_000,
        },
      },
      portOwner: 'any',
      reapOrphans: false,
      maxTreeMemoryBytes: 1.5 * 1024 ** 3,
    });
  });

  it('lets the other rhythms follow a short period', () => {
    const { schedule } = read({ tcp: 'a:1', period: '300ms' });
    assert.deepEqual([schedule.fastPeriodMs, schedule.startupPeriodMs], [300, 300]);
  });

  it('lets the cap follow a long wait, and a wait follow a low cap', () => {
    assert.deepEqual(waits({ cooldown: '5h' }), [300_000, 18_000_000, 18_000_000]);
    assert.deepEqual(waits({ maxCooldown: '1m' }), [60_000, 60_000, 60_000]);
  });
});

describe('a probe', () => {
  it('asks a Unix socket, from the folder of the app where its path is relative', () => {
    const env = { pm_cwd: '/srv/app', NAME: 'api' };
    const read = (block: LivenessBlock): unknown => {
      const result = readBlock(block, env);
      return result.ok && result.config.probe;
    };
    const tcp = { type: 'tcp', host: 'localhost', port: 0 };
    assert.deepEqual(read({ tcp: '/run/${NAME}.sock' }), { ...tcp, socket: '/run/api.sock' });
    assert.deepEqual(read({ tcp: { socket: './a.sock' } }), { ...tcp, socket: '/srv/app/a.sock' });
    const url = 'http://localhost/health';
    assert.deepEqual(read({ http: { socket: '../a.sock', url, status: 200 } }), {
      type: 'http',
      url,
      socket: '/srv/a.sock',
      method: 'GET',
      headers: {},
      status: [[200, 200]],
    });
  });

  it('of tcp is an address or its parts', () => {
    const expected = { type: 'tcp', host: '::1', port: 3000 };
    assert.deepEqual(probe({ tcp: '[::1]:${PORT}' }), expected);
    assert.deepEqual(probe({ tcp: { host: '::1', port: '${PORT}' } }), expected);
  });

  it('of http is a URL', () => {
    assert.deepEqual(probe({ http: 'http://${HOST}:${PORT}/health?full=1' }), {
      type: 'http',
      url: 'http://localhost:3000/health?full=1',
      method: 'GET',
      headers: {},
      status: [[200, 399]],
    });
  });

  it('of http is a URL with what the answer must be', () => {
    const block: LivenessBlock = {
      http: {
        url: 'https://localhost:3000',
        method: 'POST',
        headers: { Authorization: 'Bearer ${TOKEN}' },
        status: [204, '300-399'],
        body: '/re+ady$/i',
        bodyNot: { regex: 'error \\d+' },
        servername: 'example.test',
        rejectUnauthorized: false,
      },
    };
    assert.deepEqual(probe(block), {
      type: 'http',
      url: 'https://localhost:3000/',
      method: 'POST',
      headers: { Authorization: 'Bearer abc' },
      status: [
        [204, 204],
        [300, 399],
      ],
      body: /re+ady$/i,
      bodyNot: /error \d+/,
      tls: { servername: 'example.test', rejectUnauthorized: false },
    });
  });

  it('has the path of its certificate file from the folder of the app', () => {
    const certOf = (certFile: string, env: Readonly<Record<string, unknown>>): unknown => {
      const read = readBlock({ vite: { url: 'https://localhost/', certFile } }, env);
      assert.ok(read.ok);
      return 'tls' in read.config.probe && read.config.probe.tls?.certFile;
    };
    const folders = { pm_cwd: '/srv/web', CERTS: '/etc/certs' };
    assert.equal(certOf('./certs/a.pem', folders), '/srv/web/certs/a.pem');
    assert.equal(certOf('${CERTS}/a.pem', folders), '/etc/certs/a.pem');
    assert.equal(certOf('certs/a.pem', {}), 'certs/a.pem');
  });

  it('of websocket is a URL', () => {
    const expected = { type: 'websocket', url: 'ws://localhost:3000/live?a=1', headers: {} };
    assert.deepEqual(probe({ websocket: 'ws://${HOST}:${PORT}/live?a=1' }), expected);
  });

  it('of websocket is a URL with what is said and expected', () => {
    const block: LivenessBlock = {
      websocket: {
        url: 'wss://localhost:3000',
        protocol: 'graphql-transport-ws',
        send: '{"token":"${TOKEN}"}',
        expect: '/"ack"/',
        headers: { origin: 'https://localhost' },
        servername: 'example.test',
      },
    };
    assert.deepEqual(probe(block), {
      type: 'websocket',
      url: 'wss://localhost:3000/',
      protocol: 'graphql-transport-ws',
      send: '{"token":"abc"}',
      expect: /"ack"/,
      headers: { origin: 'https://localhost' },
      tls: { servername: 'example.test' },
    });
  });

  it('of heartbeat is what the app promises', () => {
    const expected = { type: 'heartbeat', everyMs: 5_000 };
    assert.deepEqual(probe({ heartbeat: '5s' }), expected);
    assert.deepEqual(probe({ heartbeat: { every: '5s' } }), expected);
  });

  it('of vite may check hot reload', () => {
    const url = 'http://127.0.0.1:5173/';
    const times = { deepPeriodMs: 60_000, deepTimeoutMs: 30_000 };
    assert.deepEqual(probe({ vite: { url, hmr: true } }), {
      type: 'vite',
      url,
      ...times,
      hmr: true,
    });
    assert.deepEqual(probe({ vite: { url, hmr: false } }), { type: 'vite', url, ...times });
  });

  it('of http may look for a plain text, also one with an escaped reference', () => {
    const block = { http: { url: 'http://a/', body: 'costs $${PRICE} $5' } };
    assert.deepEqual(read(block).probe, {
      type: 'http',
      url: 'http://a/',
      method: 'GET',
      headers: {},
      status: [[200, 399]],
      body: 'costs ${PRICE} $5',
    });
  });

  it('of vite is a base, which gets its slash', () => {
    const defaults = { deepPeriodMs: 60_000, deepTimeoutMs: 30_000 };
    const expected = { type: 'vite', url: 'http://127.0.0.1:3000/app/', ...defaults };
    assert.deepEqual(probe({ vite: 'http://127.0.0.1:${PORT}/app' }), expected);
  });

  it('of vite has a deep check that ends before the next one', () => {
    const block = { vite: { url: 'http://a/', deepPeriod: '10s' } };
    const expected = {
      type: 'vite',
      url: 'http://a/',
      deepPeriodMs: 10_000,
      deepTimeoutMs: 10_000,
    };
    assert.deepEqual(probe(block), expected);
  });

  it('of exec is a command in the folder of the app', () => {
    const folder = { env: {}, cwd: '/srv/web' };
    const expected = { type: 'exec', file: 'node', args: ['my check.js', '-q'], ...folder };
    assert.deepEqual(probe({ exec: 'node my\\ check.js  -q' }), expected);
    assert.deepEqual(probe({ exec: ['node', 'my check.js', '-q'] }), expected);
  });

  it('of exec may have a folder and variables of its own', () => {
    const block = { exec: { command: ['pg_isready'], cwd: 'checks', env: { PGPASS: '${TOKEN}' } } };
    const expected = { type: 'exec', file: 'pg_isready', args: [], env: { PGPASS: 'abc' } };
    assert.deepEqual(probe(block), { ...expected, cwd: '/srv/web/checks' });
  });
});

describe('overrides', () => {
  it('come before the block', () => {
    const block: LivenessBlock = {
      tcp: 'a:1',
      period: '9s',
      failureThreshold: 9,
      action: 'reload',
    };
    const overrides = { period: 7000, failureThreshold: 7, action: 'observe' } as const;
    const { schedule, policy } = read(block, overrides);
    const seen = [schedule.periodMs, policy.failureThreshold, policy.action];
    assert.deepEqual(seen, [7000, 7, 'observe']);
  });

  it('take along what depends on them, and never make a good block bad', () => {
    const block: LivenessBlock = { tcp: 'a:1', fastPeriod: '4s', startupPeriod: '3s' };
    const { schedule } = read(block, { period: 2000, startupTimeout: 1000 });
    assert.deepEqual([schedule.fastPeriodMs, schedule.startupPeriodMs], [2000, 1000]);
  });
});
