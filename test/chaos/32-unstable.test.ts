import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type Pm2Sandbox, type Ran } from '../support/pm2-sandbox.ts';
import { scenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';

/** Answers for a while, then ends as HOW says: `throw`, or the code to exit with. */
const DYING = `
import { createServer } from 'node:http';
const { PORT, HOW, AFTER } = process.env;
createServer((_, response) => response.end()).listen(Number(PORT), '127.0.0.1');
setTimeout(() => {
  if (HOW === 'throw') throw new TypeError('the cache is no map');
  process.exit(Number(HOW));
}, Number(AFTER));
`;

const FAST = { period: '200ms', startupPeriod: '200ms', timeout: '2s' } as const;

/** What was said before it was found to be unstable, that it is, and one line a minute. */
const MOST_LINES = 20;

/** Of 500 incarnations in 10 minutes; here are far fewer of them. */
const MOST_JOURNAL_BYTES = 20_000;

/** Enough that PM2 never gives up what ends after half a second. */
const FOR_EVER = { min_uptime: 100, max_restarts: 10_000 };

scenario(32, '', async (stage) => {
  const sandbox = await stage.pm2();
  await dies(sandbox, 'web', { HOW: 'throw', AFTER: '600' }, FOR_EVER);
  // It is unstable after 20 s at the earliest.
  await hasACauseForEach(sandbox);
  const found = await until(
    'it is found to be unstable',
    async () => {
      const target = await sandbox.target('web');
      return target.incident?.cause === 'unstable' ? target : null;
    },
    { withinMs: 60_000 },
  );
  assert.match(
    found.summary,
    /^unstable \(PM2 restarted it \d+ times in \d+ s; last: crashed after/,
  );
  assert.match(found.summary, /exit code 1: TypeError: the cache is no map/);
  const atFirst = await counterOf(sandbox);
  await until(
    'PM2 has restarted it five times more',
    async () => (await counterOf(sandbox)) >= atFirst + 5,
    { withinMs: 60_000 },
  );
  const { restarts, pm2Restarts = [], incident } = await sandbox.target('web');
  assert.equal(incident?.cause, 'unstable');
  assert.equal(restarts.total, 0);
  // Each of them has its cause; the last one may be on its way.
  const known = pm2Restarts.reduce((sum, { count }) => sum + count, 0);
  assert.ok(known >= Math.min(20, atFirst + 4), `${known} of ${await counterOf(sandbox)}`);
  for (const { cause, detail } of pm2Restarts) {
    assert.equal(cause, 'crash', detail);
    assert.match(detail, /exit code 1: TypeError: the cache is no map$/);
  }
  const lines = await sandbox.linesAbout('web');
  assert.ok(lines.length <= MOST_LINES, lines.join('\n'));
  const journal = join(sandbox.home, 'pm2-liveness', 'incidents.jsonl');
  assert.ok((await stat(journal)).size <= MOST_JOURNAL_BYTES);
  const opened = (await readFile(journal, 'utf8')).split('\n').filter((line) => {
    return line.includes('"event":"opened"');
  });
  assert.equal(opened.length, 1, opened.join('\n'));
  const [status, ...answers] = await Promise.all(
    ['status', 'describe web', 'events web'].map((words) => cli(sandbox, ...words.split(' '))),
  );
  assert.equal(status?.exitCode, 1);
  for (const { text } of answers) {
    assert.match(text.replace(/\s+/g, ' '), /crashed after [\d.]+m?s, exit code 1: TypeError/);
  }
  return { restarts: 0, to200Ms: null, final: 'unstable' };
});

/** Another app has one restart of each kind, and each has its own cause. */
async function hasACauseForEach(sandbox: Pm2Sandbox): Promise<void> {
  await dies(sandbox, 'shop', { HOW: '0', AFTER: '1000000' }, { watch: true });
  // Whether it is well yet does not matter: its first list is what the restarts are counted from.
  await until('it is watched', () => sandbox.target('shop'), { withinMs: 40_000 });
  const causes = async (): Promise<string[]> => {
    const { pm2Restarts = [] } = await sandbox.target('shop');
    return pm2Restarts.map(({ cause, detail }) => `${cause}: ${detail}`);
  };
  const shows = (text: RegExp): Promise<unknown> =>
    until(
      `${text}`,
      async () => {
        const last = (await causes()).at(-1) ?? 'none';
        if (text.test(last)) return true;
        throw new Error(last);
      },
      { withinMs: 40_000 },
    );
  await writeFile(join(sandbox.home, 'shop', 'changed file.js'), '');
  await shows(/^watch: PM2's watch saw changed file\.js change$/);
  process.kill((await sandbox.app('shop')).pid, 'SIGTERM');
  await shows(/^crash: ended after \S+ by SIGTERM$/);
  await sandbox.pm2('restart', 'shop');
  await shows(/^operator: pm2 restart, by a person or a program$/);
  assert.equal((await causes()).length, 3);
  assert.equal((await sandbox.target('shop')).restarts.total, 0);
}

async function dies(
  sandbox: Pm2Sandbox,
  name: string,
  how: Readonly<Record<string, string>>,
  more: Readonly<Record<string, unknown>>,
): Promise<void> {
  const cwd = join(sandbox.home, name);
  await mkdir(cwd, { recursive: true });
  const script = join(cwd, 'dying.mjs');
  await writeFile(script, DYING);
  const env = { PORT: String(await freePort()), ...how };
  const http = 'http://127.0.0.1:${PORT}/';
  await sandbox.start({ name, script, cwd, env, ...more, env_liveness: { http, ...FAST } });
}

async function counterOf(sandbox: Pm2Sandbox): Promise<number> {
  return (await sandbox.app('web')).pm2_env.restart_time;
}

const CLI = new URL('../../dist/cli/main.js', import.meta.url).pathname;

function cli(sandbox: Pm2Sandbox, ...words: readonly string[]): Promise<Ran> {
  return sandbox.run(process.execPath, [CLI, ...words]);
}
