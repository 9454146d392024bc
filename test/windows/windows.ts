// Plays the built package on Windows, by Wine: PM2, dev servers and the monitor on a drive C: of their own.
// `--node 22`: with that line of Node; `--only service`: one part alone; `--only vite`: a real Vite.
import { parseArgs } from 'node:util';
import { CannotPlay, ensureTools } from '../support/debian-tools.ts';
import { freePort } from '../support/pm2-sandbox.ts';
import { Machine } from './machine.ts';
import { PipeScenario } from './pipe.ts';
import { Player } from './player.ts';
import { installProject } from './project.ts';
import { Scenario, type Check } from './scenario.ts';
import { ServiceScenario } from './service.ts';
import { ViteScenario } from './vite.ts';

const PROGRAMS = { wine: 'wine', wineserver: 'wine64' };

const { values } = parseArgs({ options: { node: { type: 'string' }, only: { type: 'string' } } });
const isWanted = (part: string): boolean => values.only === undefined || values.only === part;

let machine: Machine | null = null;
let passed = 0;

const check: Check = async (what, look) => {
  const began = performance.now();
  const found = await look();
  passed += 1;
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  console.log(`✔ ${what}${found ? `: ${found}` : ''} (${seconds} s)`);
};

try {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new CannotPlay("Wine runs Node's Windows build on Linux on x64 alone");
  }
  await ensureTools(PROGRAMS);
  machine = await Machine.create(Number(values.node ?? 20));
  const port = await freePort();
  await installProject(machine, port);
  const player = new Player(machine, 'web', port);
  const scenario = new Scenario(player, check);
  await scenario.start();
  if (isWanted('faults')) await scenario.play();
  // Not unless asked for: npm and Vite take minutes to start there.
  if (values.only === 'pipe') await new PipeScenario(machine, check).play();
  if (values.only === 'vite') await new ViteScenario(machine, check).play();
  if (isWanted('service')) await new ServiceScenario(player, check).play();
  console.log(`${passed} passed, 0 failed`);
} catch (error) {
  if (error instanceof CannotPlay) {
    console.log(`skipped: ${error.message}`);
  } else {
    process.exitCode = 1;
    console.error(error);
    console.log(`${passed} passed, 1 failed`);
  }
} finally {
  await machine?.destroy();
}
