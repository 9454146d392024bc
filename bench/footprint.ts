// What the monitor costs at rest and at its start, compared with a bare Node and with @pm2/io alone.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MONITOR_FLAGS, Pm2Sandbox } from '../test/support/pm2-sandbox.ts';
import { ViteApp } from '../test/support/vite-app.ts';
import { number, ratio, type Findings, type Part } from './part.ts';
import { mean } from './statistics.ts';

/** Linux counts CPU time in hundredths of a second. */
const TICK_MS = 10;
const root = new URL('..', import.meta.url).pathname;

/** A program that reports when it is up, and stays. */
interface Program {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly isUp: (output: string) => boolean;
}

const STAY = `setInterval(() => undefined, 60_000); console.log('up');`;
const load = (...names: readonly string[]): string =>
  `${names.map((name) => `require('${name}');`).join('')}${STAY}`;
const IO = `require('@pm2/io').init({ http: false, runtime: false });${STAY}`;

function programs(home: string): Program[] {
  const isUp = (output: string): boolean => output.includes('up');
  const env = { PM2_HOME: home };
  return [
    { name: 'bare Node', args: ['-e', STAY], env, isUp },
    { name: '@pm2/io alone', args: ['-e', IO], env, isUp },
    { name: "PM2's client alone", args: ['-e', load('pm2')], env, isUp },
    { name: 'zod alone', args: ['-e', load('zod')], env, isUp },
    {
      name: 'the monitor',
      args: [join(root, 'dist/main.js')],
      env,
      isUp: (output) => output.includes('watches the apps'),
    },
  ];
}

/** Starts a program; returns the milliseconds until it is up, and its RSS after a rest. */
async function run(program: Program): Promise<{ startMs: number; rssMb: number }> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...MONITOR_FLAGS, ...program.args], {
    cwd: root,
    env: { ...process.env, ...program.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await isUp(child, program);
    const startMs = performance.now() - startedAt;
    await sleep(2_000);
    return { startMs, rssMb: rssMb(child.pid ?? 0) };
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
  }
}

function isUp(child: ChildProcess, program: Program): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (program.isUp(output)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`${program.name} ended with code ${code}`)));
  });
}

function rssMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1_024;
}

/** CPU milliseconds used so far by a process, of user and system. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Under PM2, with one Vite app at the defaults, after a rest. */
async function atRest(isQuick: boolean): Promise<{ rssMb: number; cpuPercent: number }> {
  const [sandbox, app] = await Promise.all([Pm2Sandbox.create(), ViteApp.create()]);
  try {
    await sandbox.start(app.entry('web', {}));
    await sandbox.startMonitor();
    await sandbox.reaches('web', 'healthy');
    const { pid } = await sandbox.app('pm2-liveness');
    await sleep(isQuick ? 3_000 : 8_000);
    const [before, from] = [cpuMs(pid), performance.now()];
    await sleep(isQuick ? 10_000 : 15_000);
    const cpuPercent = ((cpuMs(pid) - before) / (performance.now() - from)) * 100;
    return { rssMb: rssMb(pid), cpuPercent };
  } finally {
    await sandbox.destroy();
    await app.destroy();
  }
}

async function measureAll(isQuick: boolean): Promise<Findings> {
  const sandbox = await Pm2Sandbox.create();
  const found = new Map<string, { startMs: number; rssMb: number }[]>();
  try {
    await sandbox.pm2('ping');
    for (let round = 0; round < (isQuick ? 1 : 2); round += 1) {
      for (const program of programs(sandbox.home)) {
        found.set(program.name, [...(found.get(program.name) ?? []), await run(program)]);
      }
    }
  } finally {
    await sandbox.destroy();
  }
  return findingsOf(found, await atRest(isQuick));
}

function findingsOf(
  found: ReadonlyMap<string, readonly { startMs: number; rssMb: number }[]>,
  rest: { rssMb: number; cpuPercent: number },
): Findings {
  const rows = [...found].map(([name, rounds]) => ({
    name,
    rssMb: mean(rounds.map((each) => each.rssMb)),
    startMs: mean(rounds.map((each) => each.startMs)),
  }));
  const bare = rows[0] ?? { rssMb: Number.NaN, startMs: Number.NaN };
  const of = (mb: number): string => ratio(mb / bare.rssMb);
  return {
    tables: [
      {
        head: [
          'process',
          'RSS, MB',
          '÷ bare Node',
          'to be up, ms',
          'more than bare Node, ms',
          'CPU, % of a core',
        ],
        rows: [
          ...rows.map(({ name, rssMb: mb, startMs }) => [
            name,
            number(mb),
            of(mb),
            number(startMs),
            number(startMs - bare.startMs),
            '',
          ]),
          [
            'the monitor under PM2, watching one Vite at the defaults',
            number(rest.rssMb),
            of(rest.rssMb),
            '',
            '',
            number(rest.cpuPercent),
          ],
        ],
      },
    ],
    goals: [{ what: 'RSS at rest ÷ bare Node', figure: rest.rssMb / bare.rssMb, limit: 1.5 }],
    figures: { rows, rest },
  };
}

export const footprint: Part = { name: 'footprint', run: measureAll };
