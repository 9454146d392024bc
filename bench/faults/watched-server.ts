// One small server, or many, under a real PM2 with the monitor of one build.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LivenessBlock } from '../../src/index.ts';
import { freePort, MONITOR_FLAGS, Pm2Sandbox, type App } from '../../test/support/pm2-sandbox.ts';
import { until } from '../../test/support/until.ts';

/** Answers 200; `/silent` makes it answer nothing any more, `/spin` is a busy loop. It ends itself on SIGINT. */
const SOURCE = `
import { createServer } from 'node:http';
let isSilent = false;
process.on('SIGINT', () => process.exit(0));
createServer(async (request, response) => {
  if (request.url === '/spin') for (;;);
  if (request.url === '/silent') isSilent = true;
  if (isSilent) await new Promise(() => undefined);
  response.end('answer');
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** How long an answer may take before the page counts as down. */
const DOWN_MS = 300;

/** So many are started by one call of PM2. */
const STARTED = 10;

/** Servers `web-0` and on, watched by the monitor of the build in a folder. */
export class WatchedServers {
  readonly #sandbox: Pm2Sandbox;
  readonly #root: URL;
  readonly #ports: readonly number[];

  private constructor(sandbox: Pm2Sandbox, root: URL, ports: readonly number[]) {
    this.#sandbox = sandbox;
    this.#root = root;
    this.#ports = ports;
  }

  /** Started and healthy. */
  static async open(root: URL, block: Partial<LivenessBlock>, count = 1): Promise<WatchedServers> {
    const sandbox = await Pm2Sandbox.create();
    const ports: number[] = [];
    while (ports.length < count) {
      const port = await freePort();
      if (!ports.includes(port)) ports.push(port);
    }
    const servers = new WatchedServers(sandbox, root, ports);
    const script = join(sandbox.home, 'server.mjs');
    await writeFile(script, SOURCE);
    await sandbox.start(monitorOf(root));
    const entries = ports.map((port, nth) => entryOf(script, port, nth, block));
    for (let nth = 0; nth < count; nth += STARTED) {
      await sandbox.start(...entries.slice(nth, nth + STARTED));
    }
    await servers.#healthy(60_000 + count * 2_000);
    return servers;
  }

  /** Each is healthy again, with its whole budget and no backoff. */
  async rest(): Promise<void> {
    await this.#healthy(60_000);
    for (const nth of this.#ports.keys()) {
      await this.#sandbox.run(process.execPath, [this.#file('cli/main.js'), 'reset', nameOf(nth)]);
    }
  }

  /** Stops the processes of the first `count` of them (SIGSTOP). */
  async stop(count: number): Promise<void> {
    const list = await this.#sandbox.list();
    const names = new Set(Array.from({ length: count }, (_, nth) => nameOf(nth)));
    for (const { name, pid } of list) if (names.has(name)) process.kill(pid, 'SIGSTOP');
  }

  /** Makes the first one answer nothing, or loop. */
  async ask(path: '/silent' | '/spin'): Promise<void> {
    await answers(this.#ports[0] ?? 0, path);
  }

  /** When the last of the first `count` answered again, after each was seen not to; milliseconds of `performance.now`. */
  async backAt(count: number): Promise<number> {
    const waits = this.#ports.slice(0, count).map(async (port) => {
      const options = { withinMs: 240_000, everyMs: count > 1 ? 250 : 20 };
      await until('it is down', async () => !(await answers(port)), options);
      await until('it answers', () => answers(port), options);
      return performance.now();
    });
    return Math.max(...(await Promise.all(waits)));
  }

  /** When the monitor said that it restarts the first one, for the `times`th time. */
  async decidedAt(times: number): Promise<number> {
    const isDecided = async (): Promise<boolean> => {
      const lines = await this.#sandbox.linesAbout(nameOf(0));
      return lines.filter((line) => line.includes(': restarting: ')).length >= times;
    };
    await until('it is decided', isDecided, { withinMs: 120_000, everyMs: 20 });
    return performance.now();
  }

  async close(): Promise<void> {
    await this.#sandbox.destroy();
  }

  async #healthy(withinMs: number): Promise<void> {
    const areHealthy = async (): Promise<boolean> => {
      const targets = (await this.#sandbox.status())?.targets ?? [];
      return (
        targets.length === this.#ports.length && targets.every(({ state }) => state === 'healthy')
      );
    };
    await until('all are healthy', areHealthy, { withinMs, everyMs: 200 });
  }

  #file(path: string): string {
    return new URL(`dist/${path}`, this.#root).pathname;
  }
}

function nameOf(nth: number): string {
  return `web-${nth}`;
}

function entryOf(script: string, port: number, nth: number, block: Partial<LivenessBlock>): App {
  const env_liveness = { http: `http://127.0.0.1:${port}/`, ...block };
  return { name: nameOf(nth), script, env: { PORT: String(port) }, env_liveness };
}

function monitorOf(root: URL): App {
  const script = new URL('dist/main.js', root).pathname;
  const node_args = [...MONITOR_FLAGS];
  return { name: 'pm2-liveness', script, cwd: root.pathname, pmx: false, node_args };
}

/** Whether a server answers 200 now. */
async function answers(port: number, path = '/'): Promise<boolean> {
  const signal = AbortSignal.timeout(DOWN_MS);
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      signal,
      headers: { connection: 'close' },
    });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
