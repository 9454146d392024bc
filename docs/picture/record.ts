// `npm run docs:picture`: plays a recovery for real, and draws what a person sees into docs/recovery.svg.
// Needs tmux, and the port of the example free.
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pm2Sandbox } from '../../test/support/pm2-sandbox.ts';
import { until } from '../../test/support/until.ts';
import { Camera } from './camera.ts';
import { Terminal } from './screen.ts';
import { svgOf } from './svg.ts';

const COLUMNS = 80;
const [WATCH_ROWS, SHELL_ROWS] = [5, 9];
/** What a person takes to read a line, and to read the last picture. */
const [READ_MS, END_MS] = [2_000, 7_000];

const sandbox = await Pm2Sandbox.create();
const terminals: Terminal[] = [];
try {
  const started = await sandbox.run('npm', ['start']);
  if (started.exitCode !== 0) throw new Error(started.text);
  // npx turns a wheel while it looks, which is no part of the story.
  const env = { PM2_HOME: sandbox.home, NPM_CONFIG_PROGRESS: 'false' };
  const watch = await Terminal.open('watch', WATCH_ROWS, COLUMNS, env);
  terminals.push(watch);
  const shell = await Terminal.open('shell', SHELL_ROWS, COLUMNS, env);
  terminals.push(shell);
  await run(watch, 'npx pm2-liveness status --watch');
  const camera = new Camera(watch, shell, COLUMNS);
  await camera.sees(/web +healthy/);
  const film = await camera.films(() => play(camera, shell));
  await writeFile(
    new URL('../recovery.svg', import.meta.url),
    svgOf(film, {
      title: 'npx pm2-liveness status --watch',
      description:
        'A Vite dev server is stopped with kill -STOP. It is failing, is restarted, starts and is healthy again, all by itself; events tells what happened.',
      columns: COLUMNS,
      rows: WATCH_ROWS + 1 + SHELL_ROWS,
    }),
  );
} finally {
  for (const terminal of terminals) await terminal.close();
  await sandbox.destroy();
}

/** The fault, and what comes of it. */
async function play(camera: Camera, shell: Terminal): Promise<void> {
  const { pid } = await sandbox.app('web');
  await sleep(READ_MS);
  await shell.type(`kill -STOP ${pid}   # the dev server hangs`);
  await sleep(READ_MS / 2);
  await shell.enter();
  for (const state of ['failing', 'restarting', 'starting', 'healthy']) {
    await camera.sees(new RegExp(`web +${state}`));
  }
  await sleep(READ_MS);
  await run(shell, 'npx pm2-liveness events');
  await camera.sees(/resolved/);
  await sleep(END_MS);
}

async function run(terminal: Terminal, line: string): Promise<void> {
  await until('the shell is ready', async () =>
    (await terminal.look()).some((each) => each.startsWith('$')),
  );
  await terminal.type(line);
  await terminal.enter();
}
