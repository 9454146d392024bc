import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { foreignServer } from '../support/foreign-server.ts';
import { freePort, Pm2Sandbox, type App } from '../support/pm2-sandbox.ts';
import { portOf, smallServer } from '../support/small-server.ts';
import { until } from '../support/until.ts';

const program = join(import.meta.dirname, '../../dist/cli/main.js');
const monitorProgram = join(import.meta.dirname, '../../dist/main.js');

/** Listens on ::1 alone, or on the port after the one that it is to have. */
const SERVERS = {
  family: `.listen(Number(process.env.PORT), '::1')`,
  drifted: `.listen(Number(process.env.OTHER), '127.0.0.1')`,
} as const;

describe('pm2-liveness doctor', () => {
  let sandbox: Pm2Sandbox;
  const endings: (() => unknown)[] = [];

  before(async () => {
    sandbox = await Pm2Sandbox.create();
  });

  after(async () => {
    for (const end of endings) await end();
    await sandbox.destroy();
  });

  async function doctor(): Promise<{ code: number | undefined; findings: readonly Finding[] }> {
    const { exitCode, out, text } = await sandbox.run(process.execPath, [
      program,
      'doctor',
      '--json',
    ]);
    assert.match(out, /^\{/, text);
    const answer = JSON.parse(out) as { schemaVersion: number; findings: readonly Finding[] };
    assert.equal(answer.schemaVersion, 1);
    return { code: exitCode, findings: answer.findings };
  }

  /** A server that does not listen at its probed address. */
  async function oddServer(name: keyof typeof SERVERS): Promise<App> {
    const base = await smallServer(sandbox, name);
    const source = `require('node:http').createServer((_, response) => response.end())${SERVERS[name]};\n`;
    const script = join(sandbox.home, `${name}.cjs`);
    await writeFile(script, source);
    return { ...base, script, env: { ...base.env, OTHER: String(await freePort()) } };
  }

  /** A server behind npm that says it is Vite. */
  async function wrapped(): Promise<App> {
    const cwd = join(sandbox.home, 'wrapped');
    await mkdir(cwd);
    const { script, env, ...base } = await smallServer(sandbox, 'wrapped');
    const scripts = { dev: `node ${script}` };
    await writeFile(join(cwd, 'package.json'), JSON.stringify({ scripts }));
    return {
      ...base,
      cwd,
      script: 'npm',
      args: ['run', 'dev'],
      env: { ...env },
      max_memory_restart: '300M',
      env_liveness: { vite: 'http://127.0.0.1:${PORT}/' },
    };
  }

  test('finds that there is no PM2, exits with 3, and starts no daemon', async () => {
    const { code, findings } = await doctor();
    assert.equal(code, 3);
    assert.deepEqual(
      findings.map(({ check, state }) => [check, state]),
      [['PM2', 'bad']],
    );
    assert.match(findings[0]?.what ?? '', /^no PM2 daemon answers at [^;]*$/);
    assert.ok(!existsSync(join(sandbox.home, 'pm2.pid')));
  });

  test('finds every fault that is planted, each with its app and what to do', async () => {
    const stolen = await smallServer(sandbox, 'stolen');
    const foreign = await foreignServer({ defer: (end) => endings.push(end) }, portOf(stolen));
    await sandbox.start(
      await wrapped(),
      await oddServer('family'),
      await oddServer('drifted'),
      // It cannot listen, and stays: PM2 calls it online.
      { ...stolen, script: await deaf() },
      {
        ...(await smallServer(sandbox, 'refused')),
        env_liveness: { http: 'nonsense', perod: '5s' },
      },
    );
    const { code, findings } = await until('all servers listen', async () => {
      const seen = await doctor();
      const isUp = seen.findings.some(
        ({ check, what }) => check === 'address' && /family/.test(what),
      );
      const isSomeDown = seen.findings.some(({ fix }) => fix?.startsWith('see its log'));
      return isUp && !isSomeDown && seen;
    });
    assert.equal(code, 1);
    const wanted: readonly (readonly [check: string, what: RegExp, fix: RegExp])[] = [
      ['monitor', /^PM2 runs no monitor/, /^pm2-liveness init/],
      ['settings', /^refused: .*perod unknown key; did you mean 'period'\?/, /^correct it/],
      [
        'port',
        /^drifted(?:: nobody listens on port \d+; the app)? listens on (?:port )?\d+/,
        /the same port/,
      ],
      [
        'port',
        new RegExp(
          `^stolen: port ${portOf(stolen)} is held by process ${foreign.pid} .*not stolen`,
        ),
        new RegExp(`kill ${foreign.pid}`),
      ],
      [
        'address',
        /^family is probed at 127\.0\.0\.1, but listens on port \d+ of ::1 only$/,
        /\[::1\]:/,
      ],
      ['strictPort', /^wrapped: Vite uses another port/, /strictPort: true/],
      ['wrapper', /^wrapped: PM2 runs npm, which runs 'node /, /node_modules\/vite\/bin\/vite\.js/],
      ['memory', /^wrapped: max_memory_restart measures npm only/, /maxTreeMemory: '300M'/],
      ['saved list', /dump\.pm2 does not exist/, / save$/],
    ];
    for (const [check, what, fix] of wanted) {
      const found = findings.filter((each) => each.check === check && what.test(each.what));
      assert.equal(found.length, 1, `${check} ${what}: ${JSON.stringify(findings, null, 1)}`);
      assert.equal(found[0]?.state, 'bad');
      assert.match(found[0]?.fix ?? '', fix);
    }
    const bad = findings.filter(({ state, check }) => state === 'bad' && check !== 'boot');
    assert.equal(bad.length, wanted.length, JSON.stringify(bad, null, 1));
  });

  test('is silent on a good set-up', async () => {
    await sandbox.pm2('delete', 'all');
    await sandbox.start(await smallServer(sandbox, 'good'));
    await sandbox.startMonitor();
    await sandbox.reaches('good', 'healthy');
    await sandbox.pm2('save');
    const { code, findings } = await doctor();
    // Whether this machine starts a PM2 of ours at boot is not for a test to change.
    const others = findings.filter(({ check }) => check !== 'boot');
    assert.deepEqual(
      others.filter(({ state }) => state !== 'ok'),
      [],
    );
    assert.equal(others.length, 13);
    const isBootBad = findings.some(({ check, state }) => check === 'boot' && state === 'bad');
    assert.equal(code, isBootBad ? 1 : 0);
  });

  test(
    'looks for ps where PM2 does, and not where a person types',
    {
      skip: process.platform !== 'linux',
    },
    async () => {
      const bin = await mkdtemp(join(tmpdir(), 'pl-bin-'));
      await symlink(process.execPath, join(bin, 'node'));
      const poor = await Pm2Sandbox.create({ env: { PATH: bin } });
      try {
        await poor.start(await smallServer(poor, 'good'));
        const { PATH = '' } = process.env;
        const { out } = await poor.run(process.execPath, [program, 'doctor', '--json'], { PATH });
        const { findings } = JSON.parse(out) as { findings: readonly Finding[] };
        assert.equal(findings.find(({ check }) => check === 'ps')?.state, 'bad');
      } finally {
        await poor.destroy();
        await rm(bin, { recursive: true });
      }
    },
  );

  test('shows which of two monitors leads', async () => {
    const leader = await sandbox.app('pm2-liveness');
    await sandbox.start({ name: 'second', script: monitorProgram, pmx: false });
    const second = await sandbox.app('second');
    const { findings } = await doctor();
    assert.deepEqual(
      findings.filter(({ check }) => check === 'one monitor'),
      [
        {
          check: 'one monitor',
          state: 'note',
          what: `pm2-liveness (pm_id ${leader.pm_id}) leads, second (pm_id ${second.pm_id}) stands by`,
          fix: null,
        },
      ],
    );
  });

  test('finds a daemon that hangs, and exits with 3', async () => {
    const daemon = await sandbox.daemon();
    process.kill(daemon, 'SIGSTOP');
    try {
      const { code, findings } = await doctor();
      assert.equal(code, 3);
      assert.equal(findings.length, 1);
      assert.match(findings[0]?.what ?? '', /within 5000 ms/);
      assert.match(
        findings[0]?.fix ?? '',
        /pm2\.log; if the daemon still does not answer: kill -9 /,
      );
    } finally {
      process.kill(daemon, 'SIGCONT');
    }
  });

  async function deaf(): Promise<string> {
    const script = join(sandbox.home, 'deaf.cjs');
    await writeFile(script, 'setInterval(() => {}, 1e6);\n');
    return script;
  }
});
