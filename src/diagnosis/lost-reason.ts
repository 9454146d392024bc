import { dirname, join } from 'node:path';
import { readEnd } from '../os/log-tail.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import type { LostAppsDeps } from '../target/lost-apps.ts';
import { singleLine } from '../text/single-line.ts';
import type { LostEvidence } from '../verdict/process.ts';
import { obstaclesOf, obstaclesText, type Obstacle } from '../os/obstacles.ts';

/** Of PM2's log; a failed start is about 1 KiB of it. */
const MOST_BYTES = 65_536;

/** Of a line: the expressions below take quadratic time on a line that begins again and again. */
const MOST_LINE_CHARS = 1_000;

/** Several paths may be missing. */
const MOST_CHARS = 400;

/** What the system says when a start fails, in words. */
const MEANINGS: Readonly<Record<string, string>> = {
  EMFILE: 'no file descriptors were left (EMFILE)',
  ENFILE: 'no file descriptors were left (ENFILE)',
  ENOMEM: 'no memory was left (ENOMEM)',
  EAGAIN: 'no more processes were allowed (EAGAIN)',
  ENOSPC: 'no space was left on the disk (ENOSPC)',
  EDQUOT: 'no space was left on the disk (EDQUOT)',
};

const FORKED = 'could not be forked';

/** `Error: spawn /usr/bin/python3 ENOENT`, `Error: spawn ENOMEM`, `ENOENT: no such …, open '/x/o.log'`. */
const SPAWN = /\bspawn (?:(.+?) )?(E[A-Z]{3,})\b/;
const OPEN = /\b(E[A-Z]{3,}): [^,\n]*, open '([^'\n]+)'/;

/** Finds reasons in the PM2 of a PM2_HOME. */
export function createLostLook(pm2Home: string): Pick<LostAppsDeps, 'findReason' | 'isMissing'> {
  return {
    findReason: (...asked) => findLostReason(pm2Home, ...asked),
    isMissing: async ({ env }, missing) => pathsText(await obstaclesOf(env)) === missing,
  };
}

/**
 * Why PM2 could not start an app: what is missing on disk now, else what PM2 answered to us or wrote into
 * its log (`pm2.log`) about the app's last start; null where nothing tells, and with `mustHaveFailed` also
 * where that start is not seen to have failed. Never rejects.
 */
export async function findLostReason(
  pm2Home: string,
  { env, name, pmId }: ManagedProcess,
  said: string,
  mustHaveFailed: boolean,
): Promise<LostEvidence | null> {
  const obstacles = await obstaclesOf(env);
  if (obstacles.length > 0 && !mustHaveFailed) return obstacleReason(obstacles);
  const text =
    said === '' ? startIn(await readEnd(join(pm2Home, 'pm2.log'), MOST_BYTES), name, pmId) : said;
  const detail = detailIn(text, env);
  if (detail === null) return null;
  return obstacles.length > 0 ? obstacleReason(obstacles) : reasonOf(detail, null);
}

function obstacleReason(obstacles: readonly Obstacle[]): LostEvidence {
  return reasonOf(obstaclesText(obstacles), pathsText(obstacles));
}

function reasonOf(detail: string, missing: string | null): LostEvidence {
  return { detail: singleLine(`PM2 could not start it: ${detail}`, MOST_CHARS), missing };
}

/** `/a and /b`. */
function pathsText(obstacles: readonly Obstacle[]): string {
  return singleLine(obstacles.map(({ path }) => path).join(' and '), MOST_CHARS);
}

/** What PM2's log has of the app's last start; empty where that is not in it, or the app was stopped after it. */
function startIn(log: string, name: string, pmId: number): string {
  const at = log.lastIndexOf(`App [${name}:${pmId}] starting in `);
  const text = at === -1 ? '' : log.slice(at);
  return text.includes(`Stopping app:${name} id:${pmId}\n`) ? '' : text;
}

/** The first failure of a start in a text that can be this app's: other apps may be started at the same time. */
function detailIn(text: string, env: ManagedProcess['env']): string | null {
  const logs = [env['pm_out_log_path'], env['pm_err_log_path'], env['pm_log_path']];
  const programs = [env['exec_interpreter'], env['pm_exec_path']];
  for (const whole of text.slice(-MOST_BYTES).split('\n')) {
    const line = whole.slice(0, MOST_LINE_CHARS);
    const [, openCode = '', log] = OPEN.exec(line) ?? [];
    if (log !== undefined && logs.includes(log))
      return meaningOf(openCode, `its log folder ${dirname(log)}`);
    const [, program, spawnCode = ''] = SPAWN.exec(line) ?? [];
    const isOurs = program === undefined || programs.includes(program);
    if (spawnCode !== '' && isOurs) return meaningOf(spawnCode, program ?? 'its program');
    if (line.includes(FORKED)) return 'the system could not start a process for it';
  }
  return null;
}

function meaningOf(code: string, what: string): string {
  const known = MEANINGS[code];
  if (known !== undefined) return known;
  if (code === 'ENOENT' || code === 'ENOTDIR') return `${what} was missing`;
  return code === 'EACCES' || code === 'EPERM' ? `no permission for ${what}` : `${what}: ${code}`;
}
