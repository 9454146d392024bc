import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Machine } from './machine.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** A path with a space: every command line has to quote it. */
export const FOLDER = 'my app';
export const CLI = 'node_modules/pm2-liveness/dist/cli/main.js';
export const PM2 = 'node_modules/pm2/bin/pm2';
export const PM2_HOME = 'C:\\pm2 home';

/** Answers with its pid, until it is asked for a fault. */
const SERVER = `
let fault = '';
require('node:http').createServer((request, response) => {
  const asked = request.url.slice(1);
  if (asked === 'crash') process.exit(3);
  if (asked !== '') fault = asked;
  if (fault === 'busy') setTimeout(() => { for (;;) {} }, 50);
  if (asked === '' && fault === 'hang') return;
  response.statusCode = asked === '' && fault === '500' ? 500 : 200;
  response.end('page ' + process.pid);
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** What Windows needs, whose native parts may not be this machine's. */
export const NPM_OPTIONS = [
  '--ignore-scripts',
  '--force',
  '--os=win32',
  '--cpu=x64',
  '--loglevel=error',
] as const;

/** Runs npm in a folder, by this machine's Node. */
export async function npm(cwd: string, ...words: readonly string[]): Promise<string> {
  const { exitCode, all, stdout } = await execa('npm', words, {
    cwd,
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: 600_000,
  });
  if (exitCode !== 0) throw new Error(`npm ${words.join(' ')}: ${all}`);
  return stdout;
}

/** Installs the packed project beside PM2 into a folder of the drive, with what Windows needs. */
export async function installProject(machine: Machine, port: number): Promise<void> {
  const folder = join(machine.drive, FOLDER);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "name": "my-app", "private": true }');
  const packed = await npm(
    project,
    'pack',
    '--ignore-scripts',
    '--pack-destination',
    machine.drive,
  );
  const archive = join(machine.drive, packed.trim().split('\n').at(-1) ?? '');
  await npm(folder, 'install', ...NPM_OPTIONS, archive, 'pm2@7');
  await writeFile(join(folder, 'server.js'), SERVER);
  await writeFile(join(folder, 'ecosystem.config.cjs'), ecosystem(port));
}

/** With the line ends of Windows. */
function ecosystem(port: number): string {
  return `module.exports = {
  apps: [
    {
      name: 'web',
      script: 'server.js',
      env: { PORT: ${port} },
      env_liveness: { http: 'http://127.0.0.1:\${PORT}/', period: '1s', timeout: '1s', busyGrace: '3s' },
    },
    { name: 'pm2-liveness', script: 'node_modules/pm2-liveness/dist/main.js' },
  ],
};
`.replaceAll('\n', '\r\n');
}
