import { execa } from 'execa';
import { createOsReader } from '../../../os/create-reader.ts';
import type { OsReader, ProcessIdentity } from '../../../os/os-reader.ts';
import { endTree } from '../../../os/signal/end-tree.ts';
import { treeOf } from '../../../os/tree.ts';
import { toManagedProcess } from '../../../pm2/process.ts';
import { Command, type CommandEnd } from '../../../probe/exec/command.ts';
import { sanitizeLine } from '../../../text/sanitize.ts';
import { systemClock as clock } from '../../../time/clock.ts';
import { proposeBlock } from '../../proposal/propose-block.ts';
import type { Proposal } from '../../proposal/proposal.ts';
import type { TrialCommand } from './trial-command.ts';

/** How long an app may take until it answers. */
const ANSWERS_WITHIN_MS = 90_000;
/** How long it then has for its own end. */
const ENDS_WITHIN_MS = 5_000;
/** How long a killed group may take to be gone. */
const GONE_WITHIN_MS = 3_000;
const LOOK_AGAIN_MS = 300;
/** Its last line may be long. */
const MOST_CHARS = 160;

/**
 * Starts an app once, in a process group of its own and without PM2, looks where it listens, and stops that whole
 * group again, and each process of its tree that has left the group. Only on a person's word: the app does what it
 * does at each start. Never rejects.
 */
export async function trialStart(
  name: string,
  { file, args, cwd, env }: TrialCommand,
  signal: AbortSignal,
): Promise<Proposal> {
  const command = new Command(execa, { type: 'exec', file, args, cwd, env }, null, ENDS_WITHIN_MS);
  const over = new AbortController();
  const ending = command.end.then((end) => {
    over.abort();
    return sentenceOf(end);
  });
  const stop = AbortSignal.any([signal, over.signal]);
  const { pid } = command;
  if (pid === null) return { block: null, found: `${name}: ${await ending}`, warning: null };
  let found = 'it listened nowhere';
  const [reader, seen] = [createOsReader(), new Map<string, ProcessIdentity>()];
  const lookAtTree = async (): Promise<void> => {
    const table = await reader.processes();
    for (const each of table === null ? [] : treeOf(table, pid)) {
      seen.set(`${each.pid} ${each.birth}`, each);
    }
  };
  try {
    const until = clock.now() + ANSWERS_WITHIN_MS;
    while (clock.now() < until && !stop.aborted) {
      await lookAtTree();
      const proposal = await proposalOf({ pid, name, cwd, env }, reader);
      if (proposal.block !== null) return proposal;
      ({ found } = proposal);
      await clock.sleep(LOOK_AGAIN_MS, stop);
    }
  } finally {
    await lookAtTree();
    command.terminate();
    await Promise.race([command.gone, clock.sleep(ENDS_WITHIN_MS + GONE_WITHIN_MS)]);
    // A program may make itself, or a part of it, a daemon with a group of its own.
    await endTree([...seen.values()], { clock, reader }, { graceMs: ENDS_WITHIN_MS });
  }
  const reason = over.signal.aborted ? await ending : found;
  return { block: null, found: `${name}: ${reason}${lastWords(command)}`, warning: null };
}

function lastWords({ output }: Command): string {
  const said = sanitizeLine(output.lastLine()).slice(0, MOST_CHARS);
  return said === '' ? '' : `; its last line: ${said}`;
}

function sentenceOf(end: CommandEnd): string {
  switch (end.kind) {
    case 'notStarted':
      return `it could not be started: ${end.message}`;
    case 'exited':
      return `it ended with exit code ${end.exitCode}`;
    case 'signalled':
      return `it was ended by ${end.signal}`;
  }
}

/** The proposal for the process tree of a program that is not PM2's. */
async function proposalOf(
  app: {
    readonly pid: number;
    readonly name: string;
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
  },
  reader: OsReader,
): Promise<Proposal> {
  const entry = {
    pm_id: 0,
    name: app.name,
    pid: app.pid,
    // Long ago: the caller waits itself, and can then see an early end.
    pm2_env: { ...app.env, status: 'online', pm_uptime: 1, pm_cwd: app.cwd },
  };
  const process = toManagedProcess(entry);
  if (process === null) return { block: null, found: 'it cannot be read', warning: null };
  return proposeBlock(process, { reader, clock, daemonPid: 0, processes: [process] });
}
