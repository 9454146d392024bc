import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LivenessBlock } from '../../src/index.ts';
import { freePort, type App } from './pm2-sandbox.ts';
import { until } from './until.ts';

const root = new URL('../..', import.meta.url).pathname;

/**
 * A server that can be broken from outside, as long as its process runs: `/__break` makes it answer 500,
 * `/__silence` not at all, `/__work?ms=` blocks its event loop (forever with 0). A file `.broken` in its
 * folder breaks its configuration, `.slow` with a number delays its start.
 */
const CONFIG = `
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

if (existsSync('.broken')) throw new Error('the configuration is broken');
if (existsSync('.slow')) await sleep(Number(readFileSync('.slow', 'utf8')));

let fault = '';
const faults = {
  name: 'faults',
  configureServer(server) {
    server.middlewares.use((request, response, next) => {
      const url = new URL(request.url, 'http://localhost');
      if (url.pathname === '/__break' || url.pathname === '/__silence') fault = url.pathname;
      if (url.pathname === '/__work') {
        const ms = Number(url.searchParams.get('ms')) || Infinity;
        setTimeout(() => { const end = Date.now() + ms; while (Date.now() < end); }, 50);
        return response.end('working');
      }
      if (fault === '/__silence') return;
      if (fault === '') return next();
      response.statusCode = 500;
      response.end('out of order');
    });
  },
};
const react = PLUGIN;
const rendered = RENDERED;
export default { plugins: [faults, ...rendered, ...react], clearScreen: false, cacheDir: '.vite' };
`;

/** How React is compiled: by its plugin, or (in Vite 7, for which that plugin is too new) by esbuild. */
const PLUGINS = {
  8: `[(await import('@vitejs/plugin-react')).default()]`,
  7: `[{ name: 'jsx', config: () => ({ esbuild: { jsx: 'automatic' } }) }]`,
} as const;

/**
 * Renders the page on the server from `src/page.js`, as SvelteKit 2.70 does in what matters here: where that
 * cannot be compiled, it answers with a page of its own that does not say why, and sends Vite's error to the
 * overlay in the browser.
 */
const RENDERED = `[{
  name: 'rendered',
  configureServer(server) {
    const html = async () => {
      const load = server.ssrLoadModule('/src/page.js').catch((error) => {
        const { message, stack } = error;
        server.ws.send({ type: 'error', err: { ...error, message, stack } });
        throw error;
      });
      return (await load).render();
    };
    server.middlewares.use((request, response, next) => {
      if (request.url !== '/' || request.headers.accept === 'text/x-vite-ping') return next();
      if (request.headers.upgrade) return next();
      html().then((page) => response.end(page), () => {
        response.statusCode = 500;
        response.end('<html><body><h1>500</h1> <p>Internal Error</p></body></html>');
      });
    });
  },
}]`;

const PAGE = `import { title } from './title.js';
export const render = () => '<html><body><h1>' + title + '</h1></body></html>';
`;

/** The Vite and the settings for a page. */
export interface ViteAppOptions {
  /** Whether the page is rendered on the server. */
  readonly isRendered?: boolean;
  /** Its major version. */
  readonly version?: 7 | 8;
}

/** A copy of the example app in a temporary folder, with a switch that breaks its server. */
export class ViteApp {
  readonly dir: string;
  readonly port: number;
  readonly #version: 7 | 8;

  private constructor(dir: string, port: number, version: 7 | 8) {
    this.dir = dir;
    this.port = port;
    this.#version = version;
  }

  static async create({ version = 8, isRendered = false }: ViteAppOptions = {}): Promise<ViteApp> {
    const dir = await mkdtemp(join(tmpdir(), 'pl-app-'));
    await cp(join(root, 'example/react-app'), dir, {
      recursive: true,
      filter: (source) => !source.includes('node_modules'),
    });
    await symlink(join(root, 'node_modules'), join(dir, 'node_modules'), 'junction');
    await rm(join(dir, 'vite.config.ts'));
    const config = CONFIG.replace('PLUGIN', PLUGINS[version]);
    const rendered = isRendered ? RENDERED : '[]';
    await writeFile(
      join(dir, 'vite.config.mjs'),
      config.replace('RENDERED', () => rendered),
    );
    await writeFile(join(dir, 'src/page.js'), PAGE);
    await writeFile(join(dir, 'src/title.js'), "export const title = 'rendered';\n");
    return new ViteApp(dir, await freePort(), version);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** The app's entry in an ecosystem file: Vite's own script, as in DESIGN §2. */
  entry(name: string, block?: Partial<LivenessBlock>): App {
    const folder = this.#version === 8 ? 'vite' : `vite-${this.#version}`;
    return {
      name,
      script: join(root, 'node_modules', folder, 'bin/vite.js'),
      args: [
        '--host',
        '127.0.0.1',
        '--port',
        String(this.port),
        '--strictPort',
        '--configLoader',
        'native',
      ],
      cwd: this.dir,
      env: { CI: 'true', NO_COLOR: '1' },
      ...(block ? { env_liveness: { vite: this.url, ...block } } : {}),
    };
  }

  /** The status of the page; 0 where nobody answers within `timeoutMs`. */
  async page(timeoutMs = 500): Promise<number> {
    return statusOf(this.url, timeoutMs);
  }

  /** Milliseconds until the page answers 200 again, after it was seen not to. */
  async backAfter(beganAt: number, withinMs = 60_000): Promise<number> {
    await until('the page is down', async () => (await this.page()) !== 200, { everyMs: 10 });
    await until('the page answers 200', async () => (await this.page()) === 200, {
      withinMs,
      everyMs: 20,
    });
    return performance.now() - beganAt;
  }

  /** Breaks the server so that it answers 500 until it is restarted. */
  async breakServer(): Promise<void> {
    await statusOf(`${this.url}__break`, 1_000);
  }

  /** Makes the server accept and never answer until it is restarted. */
  async silence(): Promise<void> {
    await statusOf(`${this.url}__silence`, 300);
  }

  /** Makes the server compute without a pause, for this time or forever. */
  async work(ms: number): Promise<void> {
    await statusOf(`${this.url}__work?ms=${Number.isFinite(ms) ? ms : 0}`, 1_000);
  }

  /** From the next start on the server fails (`true`), or takes this long to come up; `false` for neither. */
  async spoilStart(how: boolean | number): Promise<void> {
    const [broken, slow] = [join(this.dir, '.broken'), join(this.dir, '.slow')];
    await Promise.all([rm(broken, { force: true }), rm(slow, { force: true })]);
    if (how === true) await writeFile(broken, '');
    if (typeof how === 'number') await writeFile(slow, String(how));
  }

  /** Changes a source file, and returns the function that restores it. */
  async edit(file: string, change: (text: string) => string): Promise<() => Promise<void>> {
    const path = join(this.dir, file);
    const before = await readFile(path, 'utf8');
    await writeFile(path, change(before));
    return () => writeFile(path, before);
  }

  async destroy(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The status code of one GET; 0 for anything else. */
export function statusOf(url: string, timeoutMs: number): Promise<number> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(0));
    request.on('close', () => resolve(0));
  });
}
