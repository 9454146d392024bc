import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LivenessBlock } from '../../src/index.ts';
import { freePort, type App } from './pm2-sandbox.ts';
import { until } from './until.ts';

const root = new URL('../..', import.meta.url).pathname;

/** Answers 500 to everything while the file `.broken` lies in the app's folder. */
const CONFIG = `
import { existsSync } from 'node:fs';
import react from '@vitejs/plugin-react';

// Broken for as long as this process lives, once the switch was seen: a restart mends it.
let isBroken = false;
const fault = {
  name: 'fault',
  configureServer(server) {
    server.middlewares.use((request, response, next) => {
      if (request.url === '/__break') isBroken = true;
      if (!isBroken) return next();
      response.statusCode = 500;
      response.end('out of order');
    });
  },
};
export default { plugins: [fault, react()], clearScreen: false, cacheDir: '.vite' };
`;

/** A copy of the example app in a temporary folder, with a switch that breaks its server. */
export class ViteApp {
  readonly dir: string;
  readonly port: number;

  private constructor(dir: string, port: number) {
    this.dir = dir;
    this.port = port;
  }

  static async create(): Promise<ViteApp> {
    const dir = await mkdtemp(join(tmpdir(), 'pl-app-'));
    await cp(join(root, 'example/react-app'), dir, {
      recursive: true,
      filter: (source) => !source.includes('node_modules'),
    });
    await symlink(join(root, 'node_modules'), join(dir, 'node_modules'), 'junction');
    await rm(join(dir, 'vite.config.ts'));
    await writeFile(join(dir, 'vite.config.mjs'), CONFIG);
    return new ViteApp(dir, await freePort());
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** The app's entry in an ecosystem file, Vite's own script as DESIGN §2 has it. */
  entry(name: string, block?: Partial<LivenessBlock>): App {
    return {
      name,
      script: join(root, 'node_modules/vite/bin/vite.js'),
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

  /** Changes a source file, and gives the way back. */
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
