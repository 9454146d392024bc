import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { freePort, type App, type Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { foreignServer } from '../support/foreign-server.ts';
import { Stage } from '../support/scenario.ts';
import { until } from '../support/until.ts';
import { listenersOn, transformerOf } from '../support/processes.ts';
import { statusOf, type ViteApp } from '../support/vite-app.ts';

const root = new URL('../..', import.meta.url).pathname;
const program = join(root, 'dist/cli/main.js');

/** Answers well until a request makes it fail in one of many ways: `/<way>`. */
const SERVER = `
import { createServer } from 'node:http';
const { PORT, HOST = '127.0.0.1', BORN } = process.env;
let kept;
const ways = {
  '/close': () => server.close(),
  '/reset': () => { way = (request) => request.socket.destroy(); },
  '/500': () => { way = (request, response) => { response.statusCode = 500; response.end(); }; },
  '/empty': () => { way = (request, response) => response.end('nothing to see'); },
  '/silent': () => { way = () => undefined; },
  '/burn': () => setTimeout(() => { for (;;); }, 10),
  '/hush': () => clearInterval(beats),
  '/grow': () => { kept = Buffer.alloc(200 * 1024 * 1024, 1); },
};
const beats = process.send && setInterval(() => process.send({ type: 'liveness:beat', data: {} }), 100);
let way = (request, response) => {
  if (BORN === 'lost') response.statusCode = 404;
  response.end('welcome');
};
const server = createServer((request, response) => {
  const change = ways[request.url];
  if (change === undefined) return way(request, response);
  response.end('so be it', change);
});
if (BORN === 'dead') process.exit(1);
if (BORN === 'deaf') setInterval(() => undefined, 1000);
else {
  let port = Number(PORT) + (BORN === 'astray' ? 1 : 0);
  server.on('error', () => BORN === 'astray' ? server.listen(++port, HOST) : process.exit(1));
  server.listen(port, HOST);
}
`;

const BLOCK = {
  period: '300ms',
  timeout: '400ms',
  failureThreshold: 2,
  action: 'observe',
} as const;

/** What the table of docs/WHY.md says of a kind of failure, numbers and places replaced. */
async function documented(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(root, 'docs/WHY.md'), 'utf8');
  const rows = [...text.matchAll(/^\| ([^|`]+) \| `+ ?([^|]+?) ?`+ \|/gm)];
  return new Map(rows.map(([, kind = '', sentence = '']) => [kind.trim(), gist(sentence)]));
}

/** A sentence without what differs from machine to machine: numbers, ports, lengths of time, folders. */
function gist(sentence: string): string {
  return (
    sentence
      .replace(/\s+/g, ' ')
      .replace(/log folder \S+ is/, 'log folder # is')
      // Whichever module Vite has to transform first: its cache and its watcher decide.
      .replace(/\bsrc\/\w+\.tsx(?=: Vite's transformer)/, 'src/#')
      .replace(/process \d+ \(.*\), (which|an old process)/, 'process # (#), $1')
      .replace(/\d+(?:\.\d+)?(?:ms|s|m|h)?/g, '#')
  );
}

describe('the sentence that describe prints for each kind of failure', () => {
  const stage = new Stage();
  let sandbox: Pm2Sandbox;
  let script: string;
  let wanted: ReadonlyMap<string, string>;

  before(async () => {
    wanted = await documented();
    sandbox = await stage.pm2();
    script = join(sandbox.home, 'server.mjs');
    await writeFile(script, SERVER);
  });

  after(() => stage.end());

  /** An app of ours; `block` adds to its settings. */
  async function serverApp(
    name: string,
    block: Readonly<Record<string, unknown>> = {},
    env: Readonly<Record<string, string>> = {},
  ): Promise<App & { readonly port: number }> {
    const port = await freePort();
    const settings = { http: `http://127.0.0.1:${port}/`, ...BLOCK, ...block };
    return { name, script, port, env: { PORT: String(port), ...env }, env_liveness: settings };
  }

  /** Starts an app, and waits until it is well. */
  async function well(app: App): Promise<void> {
    await sandbox.start(app);
    await sandbox.reaches(app.name, 'healthy', 30_000);
  }

  /** Waits until `describe` says of an app what the docs say of that kind. */
  async function says(name: string, kind: string, withinMs = 20_000): Promise<void> {
    const sentence = wanted.get(kind);
    assert.ok(sentence !== undefined, `docs/WHY.md has no row '${kind}'`);
    try {
      await until(
        `describe says: ${sentence}`,
        async () => {
          const { out } = await sandbox.run(process.execPath, [program, 'describe', name]);
          const why = /^ {2}Why +([\s\S]*?)^ {2}Next /m.exec(out)?.[1]?.trim() ?? out;
          if (gist(why) === sentence) return true;
          throw new Error(gist(why));
        },
        { withinMs, everyMs: 200 },
      );
    } finally {
      await sandbox.pm2('delete', name);
    }
  }

  const told = new Set<string>();
  /** One kind of failure, played for real. */
  function kind(what: string, play: (what: string) => Promise<void>): void {
    told.add(what);
    test(what, () => play(what));
  }

  for (const [what, way, block] of [
    ['nothing listens', 'close', {}],
    ['connection broken off', 'reset', {}],
    ['wrong status', '500', {}],
    ['wrong body', 'empty', { http: { url: 'PORT', body: 'welcome' } }],
    ['no answer', 'silent', {}],
    ['too much memory', 'grow', { maxTreeMemory: '150M' }],
    ['busy with its own work', 'burn', { busyGrace: '1m', action: 'restart' }],
  ] as const) {
    kind(what, async () => {
      const name = `app-${way}`;
      const app = await serverApp(name);
      const url = `http://127.0.0.1:${app.port}/`;
      const own = 'http' in block ? { http: { ...block.http, url } } : block;
      await well({ ...app, env_liveness: { ...(app.env_liveness as object), ...own } });
      await statusOf(`${url}${way}`, 1_000);
      await says(name, what, 60_000);
    });
  }

  kind('stopped by a signal', async (what) => {
    await well(await serverApp('app-stopped'));
    process.kill((await sandbox.app('app-stopped')).pid, 'SIGSTOP');
    await says('app-stopped', what);
  });

  kind('command fails', async (what) => {
    const check = join(sandbox.home, 'check.mjs');
    await writeFile(check, '');
    const app = await serverApp('app-exec');
    await well({ ...app, env_liveness: { exec: ['node', check], ...BLOCK, timeout: '2s' } });
    await writeFile(check, 'console.error("no cache"); process.exitCode = 3;');
    await says('app-exec', what);
  });

  kind('other address family', async (what) => {
    const app = await serverApp('app-family', { startupTimeout: '2s' }, { HOST: '::1' });
    await sandbox.start(app);
    await says('app-family', what);
  });

  kind('port held by a stranger', async (what) => {
    const app = await serverApp('app-port', {}, { BORN: 'deaf' });
    await foreignServer(stage, app.port);
    await sandbox.start(app);
    await says('app-port', what);
  });

  kind('never comes up', async (what) => {
    const app = await serverApp('app-deaf', { startupTimeout: '2s' }, { BORN: 'deaf' });
    await sandbox.start(app);
    await says('app-deaf', what);
  });

  kind('given up by PM2', async (what) => {
    const app = await serverApp('app-dead', { action: 'restart' }, { BORN: 'dead' });
    await sandbox.start({ ...app, max_restarts: 2, min_uptime: 5_000 });
    await says('app-dead', what);
  });

  kind('no heartbeats', async (what) => {
    const { http: _, ...block } = { http: '', heartbeat: '500ms', ...BLOCK };
    const app = await serverApp('app-beat');
    await well({ ...app, env_liveness: block });
    await statusOf(`http://127.0.0.1:${app.port}/hush`, 1_000);
    await says('app-beat', what);
  });

  kind('wrong path', async (what) => {
    await sandbox.start(await serverApp('app-lost', { action: 'restart' }, { BORN: 'lost' }));
    await says('app-lost', what);
  });

  kind('it listens on the next port', async (what) => {
    const app = await serverApp('app-astray', { startupTimeout: '2s' }, { BORN: 'astray' });
    await sandbox.start(app);
    await says('app-astray', what);
  });

  kind('the app waits for a debugger', async (what) => {
    const app = await serverApp('app-debug');
    await sandbox.start({ ...app, node_args: [`--inspect-brk=127.0.0.1:${await freePort()}`] });
    await says('app-debug', what);
  });

  kind('paused by an operator', async (what) => {
    await well(await serverApp('app-pause'));
    await sandbox.run(process.execPath, [program, 'pause', 'app-pause', '--for', '30m']);
    await says('app-pause', what);
  });

  kind('the monitor itself was held up', async (what) => {
    await well(await serverApp('app-held'));
    const monitor = (await sandbox.status())?.monitor.pid ?? assert.fail('no monitor');
    process.kill(monitor, 'SIGSTOP');
    await sleep(5_000);
    process.kill(monitor, 'SIGCONT');
    await says('app-held', what);
  });

  kind('lost by PM2', async (what) => {
    const logs = join(sandbox.home, 'lost-logs');
    await mkdir(logs);
    const app = await serverApp('app-lost');
    await well({ ...app, out_file: join(logs, 'o.log'), error_file: join(logs, 'e.log') });
    await rm(logs, { recursive: true });
    process.kill((await sandbox.app('app-lost')).pid, 'SIGKILL');
    await says('app-lost', what);
  });

  kind('stopped in PM2', async (what) => {
    const app = await serverApp('app-stop');
    await well(app);
    await sandbox.pm2('stop', 'app-stop');
    await says('app-stop', what);
  });

  describe('of a Vite dev server', () => {
    let vite: ViteApp;

    before(async () => {
      vite = await stage.vite();
    });

    const deep = (app: App): App => ({
      ...app,
      env_liveness: { vite: { url: vite.url, deepPeriod: '1s' }, period: '1s' },
    });

    kind('source does not compile', async (what) => {
      await well(deep(vite.entry('vite-source')));
      const repair = await vite.edit(
        'src/App.tsx',
        (text) => `${text}\nexport const broken = (;\n`,
      );
      await says('vite-source', what, 30_000);
      await repair();
    });

    kind('wrong base', async (what) => {
      const entry = vite.entry('vite-base', { period: '1s' });
      await sandbox.start({ ...entry, args: [...(entry.args ?? []), '--base', '/app/'] });
      await says('vite-base', what, 30_000);
    });

    kind('an old process holds the port', async (what) => {
      const entry = vite.entry('vite-orphan', { ...BLOCK, timeout: '2s', reapOrphans: false });
      const args = ['run', 'dev', '--', ...(entry.args ?? [])];
      await well({ ...entry, script: 'npm', args, max_restarts: 1_000 });
      const [orphan] = await listenersOn(vite.port);
      process.kill((await sandbox.app('vite-orphan')).pid, 'SIGKILL');
      try {
        await says('vite-orphan', what, 30_000);
      } finally {
        if (orphan !== undefined) process.kill(orphan, 'SIGKILL');
      }
    });

    kind("Vite's transformer is gone", async (what) => {
      const old = await stage.vite({ version: 7 });
      const block = { vite: { url: old.url, deepPeriod: '1s' }, ...BLOCK, timeout: '2s' };
      await well({ ...old.entry('vite-old'), env_liveness: block });
      process.kill(await transformerOf((await sandbox.app('vite-old')).pid), 'SIGKILL');
      // What is transformed already is served still: the fault shows with the next save.
      await old.edit('src/App.tsx', (text) => `${text}\n// saved once more\n`);
      await says('vite-old', what, 30_000);
    });

    kind('index.html is gone', async (what) => {
      await well(deep(vite.entry('vite-index')));
      await rm(join(vite.dir, 'index.html'));
      await says('vite-index', what, 30_000);
    });
  });

  test('the docs have no row that is not played here', () => {
    assert.deepEqual(
      [...wanted.keys()].filter((each) => !told.has(each)),
      [],
    );
    assert.ok(told.size >= 20);
  });
});
