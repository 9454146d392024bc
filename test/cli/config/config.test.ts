import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { config } from '../../../src/cli/config/config.ts';
import { dispatch } from '../../../src/cli/framework/dispatch.ts';
import { effectiveSettings } from '../../../src/cli/config/effective-settings.ts';
import { monitorSettings } from '../../../src/cli/config/setting-sources.ts';
import { blockJsonSchema } from '../../../src/config/json-schema/json-schema.ts';
import { blockDefaults } from '../../../src/config/schema/schema.ts';
import { formatSize, parseSize } from '../../../src/config/schema/sizes.ts';
import { toManagedProcess, type ManagedProcess } from '../../../src/pm2/process.ts';
import { FakeIo } from '../io.ts';

function listed(name: string, env: Readonly<Record<string, unknown>>): ManagedProcess {
  const pm2_env = { status: 'online', pm_uptime: 1, pm_cwd: '/srv', ...env };
  return toManagedProcess({ pm_id: 0, name, pid: 1, pm2_env }) ?? assert.fail('no list entry');
}

/** `value (source)` of every setting, by key. */
function effective(
  block: unknown,
  monitorEnv: Readonly<Record<string, unknown>> | null = null,
  lastGood: Readonly<Record<string, unknown>> = {},
  env: Readonly<Record<string, string>> = {},
): Map<string, string> {
  const list = monitorEnv === null ? [] : [listed('pm2-liveness', monitorEnv)];
  const sources = monitorSettings(list, lastGood)?.sources ?? [];
  const read = effectiveSettings(
    listed('web', { PORT: 3000, ...env, env_liveness: block }),
    sources,
  );
  if (!read.ok) assert.fail(JSON.stringify(read.problems));
  return new Map(read.settings.map(({ key, value, source }) => [key, `${value} (${source})`]));
}

describe('the settings in force', () => {
  test('are all there, and by default as the schema has them', () => {
    const settings = effective({ tcp: 'localhost:${PORT}' });
    const { restarts, ...plain } = blockDefaults;
    const wanted = [
      ['tcp', 'localhost:3000 (env_liveness)'],
      ...Object.entries(plain).map(([key, value]) => [key, `${String(value)} (default)`]),
      ...Object.entries(restarts).map(([key, value]) => [`restarts.${key}`, `${value} (default)`]),
      ['maxTreeMemory', 'off (default)'],
      ['notify', 'all channels (default)'],
      ['slow', 'off (default)'],
      ['dependsOn', 'nothing (default)'],
      ['drain', 'off (default)'],
      ['diagnose', 'off (default)'],
      ['heapSnapshot', 'off (default)'],
    ];
    // The same length, in the largest unit.
    const texts: Readonly<Record<string, string>> = {
      startupTimeout: '2m',
      'restarts.maxBackoff': '5m',
    };
    const expected = wanted.map(([key = '', text = '']): [string, string] => [
      key,
      key in texts ? `${texts[key]} (default)` : text,
    ]);
    const byKey = (a: readonly [string, string], b: readonly [string, string]): number =>
      a[0].localeCompare(b[0]);
    assert.deepEqual([...settings].toSorted(byKey), expected.toSorted(byKey));
  });

  test('come from the place that wins: the environment, pm2 set, the block', () => {
    const settings = effective(
      { tcp: 'a:1', period: '9s', timeout: '3s', failureThreshold: 2, reapOrphans: false },
      {
        'pm2-liveness': JSON.stringify({ liveness_period: '7s', liveness_timeout: '4s' }),
        LIVENESS_PERIOD: '6s',
        LIVENESS_FAILURE_THRESHOLD: '4',
      },
    );
    assert.equal(settings.get('period'), '6s (LIVENESS_PERIOD)');
    assert.equal(settings.get('timeout'), '4s (pm2 set pm2-liveness:liveness_timeout)');
    assert.equal(settings.get('failureThreshold'), '4 (LIVENESS_FAILURE_THRESHOLD)');
    assert.equal(settings.get('reapOrphans'), 'false (env_liveness)');
    assert.equal(settings.get('busyGrace'), '30s (default)');
  });

  test('follow another one where that is shorter', () => {
    const settings = effective({
      vite: { url: 'http://a/', deepPeriod: '10s' },
      period: '300ms',
      startupTimeout: '100ms',
      startupPeriod: '100ms',
      restarts: { maxCooldown: '1m' },
    });
    assert.equal(settings.get('fastPeriod'), '300ms (follows period)');
    assert.equal(settings.get('startupPeriod'), '100ms (env_liveness)');
    assert.equal(settings.get('vite.deepTimeout'), '10s (follows vite.deepPeriod)');
    assert.equal(settings.get('restarts.cooldown'), '1m (follows restarts.maxCooldown)');
    assert.equal(settings.get('restarts.maxCooldown'), '1m (env_liveness)');
    const long = effective({ tcp: 'a:1', restarts: { cooldown: '5h' } });
    assert.equal(long.get('restarts.maxCooldown'), '5h (follows restarts.cooldown)');
    const overridden = effective({ tcp: 'a:1', fastPeriod: '3s' }, { LIVENESS_PERIOD: '2s' });
    assert.equal(overridden.get('fastPeriod'), '2s (follows period)');
  });

  test('keep to themselves what may be a secret', () => {
    const secret = 'sEcReT';
    const tell = (block: unknown): string => JSON.stringify([...effective(block)]);
    const http = tell({
      http: { url: `http://a/?t=${secret}`, headers: { authorization: secret, cookie: secret } },
    });
    assert.match(
      http,
      /"http.headers","authorization, cookie \(values not shown\) \(env_liveness\)"/,
    );
    const exec = tell({ exec: { command: ['psql', secret], env: { PGPASSWORD: secret } } });
    assert.match(exec, /"exec.env","PGPASSWORD \(values not shown\)/);
    assert.match(exec, /"exec.command","psql \(1 argument, not shown\)/);
    const own = effective(
      { http: { url: '${WHERE}', body: secret } },
      null,
      {},
      { WHERE: 'http://a:1/' },
    );
    assert.equal(own.get('http.url'), 'http://a:1/ (env_liveness)');
    assert.equal(own.get('http.body'), 'a text (not shown) (env_liveness)');
    for (const told of [http, exec]) assert.ok(!told.includes(secret), told);
  });

  test('of the monitor are read as its process gets them, and nothing else of its environment', () => {
    const env = {
      LIVENESS_LOG: 'text',
      LIVENESS_PERIOD: '5',
      SECRET: 'sEcReT',
      env: { LIVENESS_LOG: 'json', TOKEN: 'sEcReT' },
    };
    const settings = monitorSettings([listed('pm2-liveness', env)], {});
    assert.deepEqual(settings?.log, { value: 'json', source: 'LIVENESS_LOG' });
    assert.match(settings?.problems ?? '', /LIVENESS_PERIOD: got '5'; write '5s' or '5ms'/);
    assert.ok(!JSON.stringify(settings).includes('sEcReT'));
    assert.equal(monitorSettings([listed('web', env)], {}), null);
  });

  test('hold the last good value of a bad one of pm2 set', () => {
    const bad = { 'pm2-liveness': JSON.stringify({ liveness_period: 'soon' }) };
    const settings = effective({ tcp: 'a:1' }, bad, { period: '8s' });
    assert.equal(settings.get('period'), '8s (pm2 set pm2-liveness:liveness_period)');
  });
});

describe('config', () => {
  async function run(...words: readonly string[]): Promise<{ code: number; io: FakeIo }> {
    const io = new FakeIo();
    return { code: await dispatch([config], ['config', ...words], io), io };
  }

  test('schema prints the JSON Schema', async () => {
    const { code, io } = await run('schema');
    assert.equal(code, 0);
    assert.deepEqual(
      JSON.parse(io.outLines.join('\n')),
      JSON.parse(JSON.stringify(blockJsonSchema())),
    );
  });

  for (const [words, wanted] of [
    [['skema'], "config: got 'skema'; write schema or print"],
    [
      ['schema', 'web'],
      "config schema: unexpected argument 'web'; the schema is the same for all apps",
    ],
  ] as const) {
    test(`${words.join(' ')} gets one sentence and exit code 2`, async () => {
      const { code, io } = await run(...words);
      assert.deepEqual([code, io.errLines, io.outLines], [2, [wanted], []]);
    });
  }
});

test('a size is written so that it reads back', () => {
  for (const text of ['512M', '1G', '1536M', '1025K', '1024G']) {
    assert.equal(formatSize(parseSize(text)), text);
  }
});
