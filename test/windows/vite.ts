import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';
import type { Machine } from './machine.ts';
import { BACK, Player } from './player.ts';
import { npm, NPM_OPTIONS, PM2 } from './project.ts';
import type { Check } from './scenario.ts';

const FOLDER = 'my page';
/** Where `node` is on the PATH: esbuild-wasm and npm start it by its name. */
const NODE_FOLDER = 'nodejs';

/** Vite 7 with the WebAssembly builds of its native parts, which Wine cannot load (docs/FACTS.md). */
const PACKAGES = ['vite@7', 'react@19', 'react-dom@19', '@vitejs/plugin-react@5', 'npm@10'];
const OVERRIDES = { rollup: 'npm:@rollup/wasm-node@4', esbuild: 'npm:esbuild-wasm@0.25' };

/** Tells its pid, and ends or answers 500 when it is asked to. */
const CONFIG = `
import react from '@vitejs/plugin-react';
let isBroken = false;
const faults = {
  name: 'faults',
  configureServer: ({ middlewares }) => void middlewares.use((request, response, next) => {
    if (request.url === '/crash') process.exit(3);
    if (request.url === '/500') isBroken = true;
    if (request.url === '/pid') return response.end(String(process.pid));
    if (!isBroken) return next();
    response.statusCode = 500;
    response.end();
  }),
};
export default { plugins: [react(), faults], clearScreen: false };
`;

const FILES = {
  'vite.config.mjs': CONFIG,
  'index.html': '<div id="root"></div><script type="module" src="/main.jsx"></script>',
  'main.jsx': `import { createRoot } from 'react-dom/client';
createRoot(document.getElementById('root')).render(<p>here</p>);`,
};

/** How it is started, and with which words of PM2. */
const WAYS = {
  alone: 'node_modules/vite/bin/vite.js',
  npm: 'node_modules/npm/bin/npm-cli.js',
} as const;

/** What is broken, and how many restarts of ours fix it. */
const FAULTS = [
  ['crash', 0],
  ['500', 1],
  ['hang', 1],
] as const;

/** Not a 500 or a hang: PM2 ends npm's tree by `taskkill /T`, which Wine's does not know, so the old Vite keeps the port (docs/FACTS.md). */
const NPM_FAULTS = [['crash', 0]] as const;

/** A real Vite with React under PM2 on Windows, with and without npm above it. */
export class ViteScenario {
  readonly #machine: Machine;
  readonly #check: Check;

  constructor(machine: Machine, check: Check) {
    this.#machine = machine;
    this.#check = check;
  }

  async play(): Promise<void> {
    await install(this.#machine);
    await this.#playWay('alone');
    await this.#playWay('npm');
  }

  async #playWay(way: keyof typeof WAYS): Promise<void> {
    const name = `vite-${way}`;
    const port = await freePort();
    const player = new Player(this.#machine, name, port);
    const title = way === 'npm' ? 'Vite under npm' : 'Vite without npm';
    await this.#check(`${title}: pm2 start`, async () => {
      await writeFile(join(this.#machine.drive, FOLDER, `${name}.config.cjs`), entry(way, port));
      const began = performance.now();
      await player.must(PM2, 'start', `../${FOLDER}/${name}.config.cjs`);
      await until('the page and its modules answer', () => answers(player), BACK);
      const took = seconds(began);
      await player.untilHealthy();
      return `200 after ${took}`;
    });
    for (const [fault, wanted] of way === 'npm' ? NPM_FAULTS : FAULTS) {
      await this.#check(`${title}: ${fault}: back, restarts of ours: ${wanted}`, () =>
        this.#survives(player, fault, wanted),
      );
    }
    if (way === 'npm') return;
    await this.#check(`${title}: what PM2 deletes is gone`, async () => {
      await player.must(PM2, 'delete', name);
      await until('nothing answers', async () => (await player.page('pid')) === null, BACK);
    });
  }

  async #survives(player: Player, fault: string, wanted: number): Promise<string> {
    const before = await player.target();
    const pid = await player.page('pid');
    assert.match(pid ?? '', /^\d+$/);
    const began = performance.now();
    if (fault === 'hang') await suspend(this.#machine);
    else await player.page(fault);
    const isBack = async (): Promise<boolean> =>
      ![null, pid].includes(await player.page('pid')) && (await answers(player));
    await until('another Vite answers', isBack, BACK);
    const took = seconds(began);
    await player.untilHealthy();
    const { restarts } = await player.target();
    assert.equal(restarts.total - before.restarts.total, wanted);
    return `200 after ${took}`;
  }
}

async function install(machine: Machine): Promise<void> {
  const folder = join(machine.drive, FOLDER);
  await mkdir(folder, { recursive: true });
  const scripts = { dev: 'node node_modules/vite/bin/vite.js' };
  const manifest = { name: 'my-page', private: true, scripts, overrides: OVERRIDES };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await npm(folder, 'install', ...NPM_OPTIONS, ...PACKAGES);
  for (const [name, text] of Object.entries(FILES)) {
    await writeFile(join(folder, name), text.replaceAll('\n', '\r\n'));
  }
  const nodeFolder = join(machine.drive, NODE_FOLDER);
  await mkdir(nodeFolder, { recursive: true });
  await copyFile(machine.nodeProgram, join(nodeFolder, 'node.exe'));
}

function entry(way: keyof typeof WAYS, port: number): string {
  const words = `--port ${port} --strictPort --host 127.0.0.1`;
  const app = {
    name: `vite-${way}`,
    cwd: `C:\\${FOLDER}`,
    script: WAYS[way],
    args: way === 'npm' ? `run dev -- ${words}` : words,
    env: { PATH: `C:\\${NODE_FOLDER};C:\\windows\\system32;C:\\windows` },
    env_liveness: {
      vite: `http://127.0.0.1:${port}/`,
      period: '1s',
      timeout: '2s',
      startupTimeout: '3m',
    },
  };
  return `module.exports = { apps: [${JSON.stringify(app)}] };\r\n`;
}

/** True where the page, its module and a dependency that Vite made answer. */
async function answers(player: Player): Promise<boolean> {
  if (!(await player.page())?.includes('id="root"')) return false;
  const source = await player.page('main.jsx');
  const dependency = /"\/(node_modules\/\.vite\/deps\/react-dom_client\.js[^"]*)"/.exec(
    source ?? '',
  )?.[1];
  return dependency !== undefined && (await player.page(dependency)) !== null;
}

/** Stops every thread of Vite's process, as a debugger does. */
async function suspend(machine: Machine): Promise<void> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const words = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const env = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (/vite[\\/]bin[\\/]vite\.js\0/.test(words) && env.includes(machine.drive.slice(0, -8))) {
      found.push(Number(name));
    }
  }
  assert.equal(found.length, 1, 'one Vite runs');
  for (const pid of found) process.kill(pid, 'SIGSTOP');
}

function seconds(began: number): string {
  return `${((performance.now() - began) / 1_000).toFixed(1)} s`;
}
