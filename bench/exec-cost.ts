// What of an `exec` probe is the system's, and what execa's: each step in one process, in turns. The subject of
// probe-cost is larger than its bare loop, and to start a process costs more the more memory the parent has.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { execa } from 'execa';
import { createExecProbe } from '../dist/probe/exec/exec.js';
import { runProbe } from '../dist/probe/runner.js';
import { number, ratio, type Part } from './part.ts';
import { program } from './probe-cost.ts';
import { median } from './statistics.ts';

/** Programs of a round, one after the other. */
const RUNS = 20;

type Step = readonly [name: string, run: () => Promise<unknown>];

function read(child: ChildProcess): Promise<unknown> {
  child.stdout?.resume();
  child.stderr?.resume();
  return once(child, 'close');
}

function stepsOf(file: string): readonly Step[] {
  const probe = createExecProbe({ type: 'exec', file, args: [], env: {} });
  const now = (): number => performance.now();
  const ask = async (): Promise<void> => {
    const { kind, detail } = await runProbe(probe, { now, timeoutMs: 5_000 });
    if (kind !== 'ok') throw new Error(detail);
  };
  return [
    ['`spawn`', () => read(spawn(file, { stdio: ['ignore', 'pipe', 'pipe'], detached: true }))],
    [
      '`execa`',
      async () => {
        const child = execa(file, {
          stdin: 'ignore',
          detached: true,
          reject: false,
          buffer: false,
        });
        await read(child);
        await child;
      },
    ],
    ['the probe', ask],
  ];
}

/** Microseconds of CPU of this process for each program. */
async function costOf(run: () => Promise<unknown>): Promise<number> {
  const began = process.cpuUsage();
  for (let nth = 0; nth < RUNS; nth += 1) await run();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / RUNS;
}

export const execCost: Part = {
  name: 'exec-cost',
  async run(isQuick) {
    const steps = stepsOf(await program('true'));
    const costs = steps.map((): number[] => []);
    // The first round loads and compiles.
    for (const [, run] of steps) await costOf(run);
    for (let round = 0; round < (isQuick ? 3 : 15); round += 1) {
      for (const [nth, [, run]] of steps.entries()) costs[nth]?.push(await costOf(run));
    }
    const [bare = Number.NaN, ...others] = costs.map((each) => median(each));
    const rows = [bare, ...others].map((cost, nth) => [
      steps[nth]?.[0] ?? '',
      number(cost),
      ratio(cost / bare),
    ]);
    const head = ['in one process', 'CPU µs', 'ratio'];
    return {
      tables: [{ head, rows }],
      goals: [],
      figures: { steps: steps.map(([name]) => name), costs },
    };
  },
};
