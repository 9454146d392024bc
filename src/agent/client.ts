import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { distrustOf } from '../control/trusted-socket.ts';
import { withTimeout } from '../time/deadline.ts';
import { agentDirOf, AGENT_NAME } from './place.ts';
import { readAnswer } from './read-answer.ts';
import { MOST_ANSWER_BYTES, type AgentAnswer, type AgentAsk, type LoopDelay } from './shapes.ts';

/** An answer is at most three lines. */
const MOST_BYTES = 3 * MOST_ANSWER_BYTES;

/** More names than this in our folder are not looked through. */
const MOST_NAMES = 10_000;

/** To ask all agents for their delays: how long one may take, how long all, and how many at once. */
const DELAY_MS = 1_000;
const ALL_DELAYS_MS = 8_000;
const AT_ONCE = 8;

/** A process to ask; `birth` as `ProcessFacts` has it, null where not known. */
export interface AskedProcess {
  readonly pid: number;
  readonly birth: string | null;
}

/**
 * Asks the agent in a process; null where it has none, where another user could have put its socket there, and
 * where it does not answer within `ms`. What it knows at once is the answer where the rest comes too late. Never
 * rejects.
 */
export function askAgent(
  pm2Home: string,
  asked: AskedProcess,
  ask: AgentAsk,
  ms: number,
): Promise<AgentAnswer | null> {
  const paths = async (): Promise<readonly string[]> => {
    return (await socketsIn(pm2Home)).get(asked.pid) ?? [];
  };
  return askAt(paths, asked, ask, ms);
}

/**
 * Asks the agents in these processes how late their event loops are. Those without an agent are left out, and those for
 * which there is no time. Never rejects.
 */
export async function askDelays(
  pm2Home: string,
  pids: readonly number[],
): Promise<ReadonlyMap<number, LoopDelay>> {
  const delays = new Map<number, LoopDelay>();
  const until = performance.now() + ALL_DELAYS_MS;
  // Our folder may lie on a disk that hangs.
  const looked = socketsIn(pm2Home).catch(() => null);
  const sockets = await withTimeout(looked, ALL_DELAYS_MS, null);
  if (sockets === null) return delays;
  const waiting = pids.filter((pid) => sockets.has(pid));
  const askInTurn = async (): Promise<void> => {
    for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
      if (performance.now() > until) return;
      const paths = sockets.get(pid) ?? [];
      const answer = await askAt(async () => paths, { pid, birth: null }, 'delay', DELAY_MS);
      if (answer?.delay) delays.set(pid, answer.delay);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askInTurn));
  return delays;
}

async function askAt(
  paths: () => Promise<readonly string[]>,
  asked: AskedProcess,
  ask: AgentAsk,
  ms: number,
): Promise<AgentAnswer | null> {
  const over = new AbortController();
  let known: AgentAnswer | null = null;
  const take = (line: string): void => {
    const answer = readAnswer(line);
    if (answer !== null && isOf(asked, answer)) known = answer;
  };
  const exchange = async (): Promise<void> => {
    for (const path of await paths()) {
      if (over.signal.aborted || (await distrustOf(path)) !== null) continue;
      await request(path, ask, take, over.signal);
    }
  };
  try {
    await withTimeout(exchange(), ms, undefined);
  } catch {
    // Our folder cannot be read.
  } finally {
    over.abort();
  }
  return known;
}

function isOf({ pid, birth }: AskedProcess, answer: AgentAnswer): boolean {
  if (answer.pid !== pid) return false;
  return birth === null || answer.birth === null || answer.birth === birth;
}

/** The sockets of agents, by the pids in their names; an ended process may have left one. */
async function socketsIn(pm2Home: string): Promise<ReadonlyMap<number, readonly string[]>> {
  const sockets = new Map<number, string[]>();
  const dir = agentDirOf(pm2Home);
  if (dir === null) return sockets;
  for (const name of (await readdir(dir)).slice(0, MOST_NAMES)) {
    const pid = Number(AGENT_NAME.exec(name)?.groups?.['pid'] ?? 0);
    if (pid > 0) sockets.set(pid, [...(sockets.get(pid) ?? []), join(dir, name)]);
  }
  return sockets;
}

/** Gives each line of the answer to `take`; resolves when it is over, also where nobody listens. */
function request(
  path: string,
  ask: AgentAsk,
  take: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ path, signal });
    let rest = '';
    let bytes = 0;
    socket.on('connect', () => socket.write(`${ask}\n`));
    socket.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > MOST_BYTES) return void socket.destroy();
      const lines = (rest + piece.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}
