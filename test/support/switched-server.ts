import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type App, type Pm2Sandbox } from './pm2-sandbox.ts';

/**
 * Answers 200, and 503 while its file `bad` is there; never while its pid is in its file `hang`. With `wait_ready` it reports itself ready to PM2,
 * unless its file `mute` is there.
 */
const SOURCE = `
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const { PORT, SWITCH } = process.env;
const isHung = () => existsSync(SWITCH + '.hang') && readFileSync(SWITCH + '.hang', 'utf8') === String(process.pid);
createServer((request, response) => {
  if (isHung()) return;
  response.statusCode = existsSync(SWITCH + '.bad') ? 503 : 200;
  response.end('answer');
}).listen(Number(PORT), '127.0.0.1', () => {
  if (!existsSync(SWITCH + '.mute')) process.send?.('ready');
});
`;

/** What can be switched in a running server. */
type Switch = 'bad' | 'mute';

/** A small server, watched closely, whose faults files turn on and off. */
export class SwitchedServer {
  readonly app: App;
  readonly #path: string;

  private constructor(app: App, path: string) {
    this.app = app;
    this.#path = path;
  }

  /** Not started yet; `block` adds to its settings, `fields` to its entry. */
  static async create(
    sandbox: Pm2Sandbox,
    name: string,
    block: Readonly<Record<string, unknown>> = {},
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<SwitchedServer> {
    const path = join(sandbox.home, name);
    await writeFile(`${path}.mjs`, SOURCE);
    const env = { PORT: String(await freePort()), SWITCH: path };
    const fast = { period: '500ms', fastPeriod: '300ms', startupPeriod: '200ms', timeout: '500ms' };
    const env_liveness = { http: 'http://127.0.0.1:${PORT}/', ...fast, ...block };
    return new SwitchedServer({ name, script: `${path}.mjs`, env, env_liveness, ...fields }, path);
  }

  get name(): string {
    return this.app.name;
  }

  get url(): string {
    return `http://127.0.0.1:${this.app.env?.['PORT']}/`;
  }

  /** Lets its process with this pid answer nobody any more; its next one does. */
  async hang(pid: number): Promise<void> {
    await writeFile(`${this.#path}.hang`, String(pid));
  }

  async on(what: Switch): Promise<void> {
    await writeFile(`${this.#path}.${what}`, '');
  }

  async off(what: Switch): Promise<void> {
    await rm(`${this.#path}.${what}`, { force: true });
  }
}
