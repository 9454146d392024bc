// Plays the built package on Windows, by Wine: PM2, a dev server of plain Node and the monitor on a drive C: of their own.
import { CannotPlay, ensureTools } from '../support/debian-tools.ts';
import { freePort } from '../support/pm2-sandbox.ts';
import { Machine } from './machine.ts';
import { installProject } from './project.ts';
import { Scenario, type Check } from './scenario.ts';

const PROGRAMS = { wine: 'wine', wineserver: 'wine64' };

let machine: Machine | null = null;
let passed = 0;

const check: Check = async (what, look) => {
  const found = await look();
  passed += 1;
  console.log(`✔ ${what}${found ? `: ${found}` : ''}`);
};

try {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new CannotPlay("Wine runs Node's Windows build on Linux on x64 alone");
  }
  await ensureTools(PROGRAMS);
  machine = await Machine.create();
  const port = await freePort();
  await installProject(machine, port);
  await new Scenario(machine, port, check).play();
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
