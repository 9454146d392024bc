import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { LivenessBlock } from '../../../src/config/block.ts';
import { blockJsonSchema } from '../../../src/config/json-schema/json-schema.ts';
import { formatProblems } from '../../../src/config/problem.ts';
import { blockDefaults } from '../../../src/config/schema/schema.ts';
import { readBlock } from '../../../src/config/target-config.ts';
import { badSettings } from '../bad-blocks.ts';
import { badHttpAndVite, badTcpAndExec } from '../bad-probes.ts';
import { isValid } from '../json-validator.ts';

const root = new URL('../../..', import.meta.url);
const schema = blockJsonSchema();
const appEnv = { PORT: 3000, HOST: 'localhost', SECONDS: '5s', WORD: 'abc', axm_options: {} };

const ca = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

/** Every form in the README, and `${NAME}` in each kind of text. */
const GOOD: readonly LivenessBlock[] = [
  { tcp: '127.0.0.1:5432' },
  { tcp: '[::1]:${PORT}' },
  { tcp: { host: '${HOST}', port: '${PORT}' } },
  { tcp: { host: '::1', port: 80 } },
  { http: 'http://127.0.0.1:3000/@vite/client?a=1' },
  { http: 'http://${HOST}:${PORT}/' },
  { http: { url: 'HTTPS://localhost/', ca, servername: 'web.local', rejectUnauthorized: false } },
  { http: { url: 'https://localhost/', ca, certFile: './certs/${WORD}.pem' } },
  {
    http: {
      url: 'http://localhost/',
      method: 'POST',
      headers: { accept: 'text/html', 'x-a': '${WORD}' },
      status: [204, '200-299'],
      body: '/ready/i',
      bodyNot: { regex: 'down', flags: 'i' },
    },
  },
  { http: { url: 'http://localhost/', status: 204 } },
  { http: { url: 'http://localhost/', status: '200-299' } },
  { vite: 'http://127.0.0.1:5173/' },
  { vite: { url: 'http://[::1]:5173/app', deepPeriod: '2m', deepTimeout: '1.5s' } },
  { websocket: 'ws://127.0.0.1:${PORT}/live' },
  { websocket: { url: 'wss://localhost/', protocol: 'a', send: '{}', expect: '/a/i', ca } },
  { heartbeat: '5s' },
  { heartbeat: { every: '${SECONDS}' } },
  { exec: 'node check.js' },
  { exec: ['node', 'check.js'] },
  { exec: { command: ['node', 'check.js'], cwd: './checks', env: { PGUSER: 'probe' } } },
  {
    tcp: 'a:1',
    period: '${SECONDS}',
    fastPeriod: '250ms',
    startupPeriod: '1s',
    startupTimeout: '1m',
    timeout: '1.5s',
    failureThreshold: 2,
    successThreshold: 4,
    busyGrace: '0s',
    action: 'observe',
    restarts: { limit: 2, within: '1h', maxBackoff: '1m', cooldown: '2m', maxCooldown: '3m' },
    portOwner: 'any',
    reapOrphans: false,
    maxTreeMemory: '1.5GB',
  },
];

/** What no schema can see: limits of durations, ties between keys, names, and what a text means. */
const BEYOND = [
  'a period too short',
  'a timeout of zero',
  'a timeout too long',
  'a startupTimeout too long',
  'a fastPeriod longer than the period',
  'a startupPeriod longer than startupTimeout',
  'a size too small',
  'waits longer than their cap',
  'a variable that is not set',
  'a variable that is not text',
  'a broken reference',
  'a variable with an unusable value',
  'a socket that is too long, and one in the way of a proxy',
  'a wildcard as the host to connect to',
  'half an address',
  'a pipe in a command',
  'quotes in a command',
  'a URL of a wildcard address',
  'a status range upside down',
  'a text that is too long to look for',
  'a regular expression that is too long to be compiled',
  'a regular expression that takes long to be compiled',
  'a regular expression that is none',
  'a text that looks like a regular expression',
  'a body of a HEAD answer',
  'TLS settings of a URL without TLS',
  'a certificate file of a URL without TLS',
  'a certificate file where nothing is verified',
  'a vite base with a query',
  'a deep check slower than its period',
];

describe('the JSON Schema of a block', () => {
  for (const block of GOOD) {
    it(`takes ${JSON.stringify(block).slice(0, 90)}`, () => {
      const read = readBlock(block, appEnv);
      assert.ok(read.ok, read.ok ? '' : formatProblems('web', read.problems));
      assert.ok(isValid(block, schema));
    });
  }

  it("takes the README's examples", async () => {
    const readme = await readFile(new URL('docs/SETTINGS.md', root), 'utf8');
    const rows = [
      ...readme.matchAll(/^\| `(tcp|http|vite|exec|websocket|heartbeat)` \| `'([^']+)'` \|/gm),
    ];
    const blocks = rows.map(([, key = '', text = '']) => ({ [key]: text }));
    assert.equal(blocks.length, 6);
    for (const block of blocks) assert.ok(isValid(block, schema), JSON.stringify(block));
  });

  it('refuses what the monitor refuses, except what no schema can check', () => {
    const bad = [...badSettings, ...badTcpAndExec, ...badHttpAndVite];
    const taken = bad.filter(({ block }) => isValid(block, schema));
    assert.ok(bad.length - taken.length > 35, `${bad.length - taken.length} refused`);
    assert.deepEqual(
      taken.map(({ mistake }) => mistake),
      BEYOND,
    );
  });

  it('accepts all that the monitor accepts', () => {
    let read = 0;
    const check = fc.property(anyBlock(), (block) => {
      if (!readBlock(block, appEnv).ok) return;
      read++;
      assert.ok(isValid(block, schema), JSON.stringify(block));
    });
    fc.assert(check, { numRuns: 3_000 });
    assert.ok(read > 300, `${read} of 3000 were good`);
  });

  it('has a description of every key, and every default that a block has', () => {
    const { properties } = schema as { properties: Record<string, Record<string, unknown>> };
    for (const [key, form] of Object.entries(properties)) {
      assert.ok(String(form['description']).length > 10, key);
    }
    const { restarts, ...plain } = blockDefaults;
    const inner = (properties['restarts']?.['properties'] ?? {}) as typeof properties;
    for (const [forms, wanted] of [
      [properties, plain],
      [inner, restarts],
    ] as const) {
      for (const [key, value] of Object.entries(wanted)) {
        assert.equal(forms[key]?.['default'], value, key);
      }
    }
  });

  it('is what the build put into the package', async () => {
    const manifest: unknown = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
    const { exports } = manifest as { exports: Record<string, unknown> };
    const file = exports['./schema.json'];
    assert.equal(file, './dist/env-liveness.schema.json');
    const built: unknown = JSON.parse(await readFile(new URL(file, root), 'utf8'));
    assert.deepEqual(built, JSON.parse(JSON.stringify(schema)));
  });
});

/** Blocks that are often good: a probe, and values that are good somewhere. */
function anyBlock(): fc.Arbitrary<unknown> {
  const durations = ['5s', '250ms', '1.5s', '7d', '${SECONDS}', '0s', '5', 5, '5 s', '8d'];
  const duration = fc.constantFrom(...durations);
  const whole = fc.constantFrom<unknown>(1, 3, 100, 101, 0, 1.5, '3');
  const flag = fc.constantFrom<unknown>(true, false, 'true', 1);
  const url = fc.constantFrom<unknown>(
    'http://a/',
    'http://a/@fs/x y',
    'http://a/#',
    'http://a?x=@',
    'https://[::1]:8/',
    'http://${HOST}:${PORT}',
    'ftp://a/',
    'http://u:p@a/',
    'http:/a',
  );
  const optional = { requiredKeys: [] as [] };
  const status = fc.constantFrom<unknown>(204, '200-299', 99, '2xx', '299-200');
  const text = fc.constantFrom<unknown>(
    'ok',
    '/ok/i',
    '',
    { regex: 'x' },
    { regex: 'x', flags: '' },
  );
  const http = fc.record(
    {
      url,
      method: fc.constantFrom('GET', 'POST', 'PUT', '${WORD}'),
      status: fc.oneof(status, fc.array(status, { maxLength: 2 })),
      body: text,
      bodyNot: text,
      headers: fc.constantFrom<unknown>({}, { a: 'b' }, { a: 1 }, 'a: b'),
    },
    { requiredKeys: ['url'] },
  );
  const probe = fc.oneof(
    fc.record({ tcp: fc.constantFrom<unknown>('a:1', '[::1]:80', '${HOST}:${PORT}', '::1:80') }),
    fc.record({
      tcp: fc.record({ host: fc.constantFrom('a', ''), port: fc.constantFrom(80, '80', 0) }),
    }),
    fc.record({ http: fc.oneof(url, http) }),
    fc.record({
      vite: fc.oneof(url, fc.record({ url, deepPeriod: duration }, { requiredKeys: ['url'] })),
    }),
    fc.record({ exec: fc.constantFrom<unknown>('a b', ['a'], [], '', { command: 'a', env: {} }) }),
  );
  const setting = fc.oneof(
    fc.record({ period: duration }),
    fc.record({ timeout: duration }),
    fc.record({ startupTimeout: duration }),
    fc.record({ busyGrace: duration }),
    fc.record({ failureThreshold: whole }),
    fc.record({ action: fc.constantFrom('restart', 'reload', 'observe', 'none') }),
    fc.record({
      restarts: fc.record({ limit: whole, within: duration, cooldown: duration }, optional),
    }),
    fc.record({ portOwner: fc.constantFrom('app', 'any', 'us') }),
    fc.record({ reapOrphans: flag }),
    fc.record({ maxTreeMemory: fc.constantFrom<unknown>('512M', '1.5G', '2048KB', 512, '1T') }),
  );
  // Few of them, or a block is hardly ever good.
  const settings = fc.array(setting, { maxLength: 2 });
  return fc
    .tuple(probe, settings)
    .map(([asked, others]): unknown => Object.assign({}, asked, ...others));
}
