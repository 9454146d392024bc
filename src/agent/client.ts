import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { distrustOf } from '../control/trusted-socket.ts';
import { withTimeout } from '../time/deadline.ts';
import { agentDirOf, AGENT_NAME } from './place.ts';
import { readAnswer } from './read-answer.ts';
import { MOST_ANSWER_BYTES, type AgentAnswer, type AgentAsk } from './shapes.ts';

/** An answer is at most three lines. */
const MOST_BYTES = 3 * MOST_ANSWER_BYTES;

/** More names than this in our folder are not looked through. */
const MOST_NAMES = 10_000;

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
export async function askAgent(
  pm2Home: string,
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
  try {
    await withTimeout(exchange(pm2Home, asked.pid, ask, take, over.signal), ms, undefined);
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

async function exchange(
  pm2Home: string,
  pid: number,
  ask: AgentAsk,
  take: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const dir = agentDirOf(pm2Home);
  if (dir === null) return;
  const names = (await readdir(dir)).slice(0, MOST_NAMES);
  for (const name of names.filter((each) => AGENT_NAME.exec(each)?.groups?.['pid'] === `${pid}`)) {
    const path = join(dir, name);
    if (signal.aborted || (await distrustOf(path)) !== null) continue;
    await request(path, ask, take, signal);
  }
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
