import { createOsReader } from '../../os/create-reader.ts';
import { daemonPidOf } from '../../pm2/daemon-pid.ts';
import { isMonitorProcess } from '../../pm2/monitor-process.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { findUnwatched } from '../../target/watched-block.ts';
import { didYouMean } from '../../text/nearest.ts';
import { systemClock as clock } from '../../time/clock.ts';
import { usage } from '../framework/parse-arguments.ts';
import { proposeBlock } from '../proposal/propose-block.ts';
import type { Plan } from './plan.ts';
import { typedProposal } from './typed-probe.ts';
import { removalOf } from './where.ts';

/** A PM2, and its list with the blocks in force. */
interface Apps {
  readonly pm2Home: string;
  readonly processes: readonly ManagedProcess[];
}

/** Finds what to do for the named app (with a typed probe), else for each app that nobody watches. Throws ERR_USAGE. */
export async function findPlans(
  [app, probe]: readonly string[],
  apps: Apps,
  signal: AbortSignal,
): Promise<readonly Plan[]> {
  const { pm2Home, processes } = apps;
  if (app === undefined) {
    const deps = { reader: createOsReader(), clock, daemonPid: await daemonPidOf(pm2Home) };
    return Promise.all(
      findUnwatched(processes, () => undefined).map(async (name): Promise<Plan> => {
        const process = processNamed(name, processes);
        return planOf(process, await proposeBlock(process, { ...deps, processes }));
      }),
    );
  }
  const process = processNamed(app, processes);
  if (isMonitorProcess(process)) {
    throw usage(`watch: ${app} is a monitor, and a monitor is never watched`);
  }
  if (probe === undefined) {
    if (process.block !== undefined) return [alreadyWatched(process)];
    const reader = createOsReader();
    const deps = { reader, clock, daemonPid: await daemonPidOf(pm2Home), processes };
    return [planOf(process, await proposeBlock(process, deps))];
  }
  if (process.block !== undefined && process.blockFrom === undefined) {
    throw usage(`watch: ${app} has a block in PM2, which comes first; ${removalOf(process)}`);
  }
  return [planOf(process, await typedProposal(probe, process, apps, signal))];
}

function planOf(app: ManagedProcess, proposal: Plan['proposal']): Plan {
  return { app, state: proposal.block === null ? 'none' : 'proposed', proposal };
}

function alreadyWatched(app: ManagedProcess): Plan {
  const where = app.blockFrom ?? "PM2's entry of it";
  const found = `its block is in ${where}`;
  return { app, state: 'watched', proposal: { block: app.block, found, warning: null } };
}

/** A process of the app, best one that runs. Throws ERR_USAGE where PM2 has none, and suggests a name. */
export function processNamed(name: string, processes: readonly ManagedProcess[]): ManagedProcess {
  const found = processes.filter((each) => each.name === name);
  const process = found.find(({ status }) => status === 'online') ?? found[0];
  if (process !== undefined) return process;
  const names = [...new Set(processes.map((each) => each.name))];
  const hint = didYouMean(name, names, `PM2 has ${names.join(', ') || 'none'}`);
  throw usage(`PM2 has no app '${name}' (${hint})`);
}
