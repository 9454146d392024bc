import { execa } from 'execa';
import { LivenessError, messageOf } from '../../errors.ts';

/** How long a file may take to load. */
const LOAD_MS = 10_000;

/** Loads a file as PM2 does: JSON as an expression, others with require. The answer has its own channel. */
const LOAD = `
const { readFileSync, writeSync } = require('node:fs');
const { isDeepStrictEqual } = require('node:util');
const load = (file) => file.endsWith('.json')
  ? require('node:vm').runInThisContext('(' + readFileSync(file, 'utf8') + ')')
  : require(file);
const answer = (value) => { writeSync(3, JSON.stringify(value)); process.exit(0); };
// As PM2 has it: under apps or pm2, or the file itself; a list, or one app alone.
const appsOf = (config) => {
  const found = config && (config.apps || config.pm2 || config);
  const apps = Array.isArray(found) ? found : [found];
  const isApp = (app) => app !== null && typeof app === 'object';
  const isOne = Array.isArray(found) || found !== config
    || (isApp(found) && [found.script, found.cmd, found.command].some(Boolean));
  return isOne && apps.every(isApp) ? apps : null;
};
const restOf = (config) => {
  const key = config.apps ? 'apps' : config.pm2 ? 'pm2' : null;
  return key === null ? null : { ...config, [key]: null };
};
`;

const READ = `${LOAD}
const config = load(process.argv[1]);
const apps = appsOf(config);
answer(apps ? { apps } : { reason: 'it exports no list of apps' });
`;

const COMPARE = `${LOAD}
const [, before, after, json] = process.argv;
const { blocks, monitor } = JSON.parse(json);
const [old, now] = [load(before), load(after)];
const [oldApps, nowApps] = [appsOf(old), appsOf(now)];
for (const [at, block] of Object.entries(blocks)) {
  if (!isDeepStrictEqual(nowApps[at].env_liveness, block)) answer({ isSame: false });
  delete nowApps[at].env_liveness;
}
const rests = [restOf(old), restOf(now)];
if (monitor && !isDeepStrictEqual(nowApps.pop(), monitor)) answer({ isSame: false });
answer({ isSame: isDeepStrictEqual(oldApps, nowApps) && isDeepStrictEqual(...rests) });
`;

/** What was added to a file: blocks, by the index of their app, and the monitor. */
export interface Added {
  readonly blocks: Readonly<Record<number, unknown>>;
  readonly monitor: unknown;
}

/** The apps of a file, as PM2 reads them. Throws ERR_CONFIG where it cannot be loaded in time. */
export async function loadApps(file: string): Promise<readonly unknown[]> {
  const { apps, reason } = await run(READ, [file]);
  if (Array.isArray(apps)) return apps;
  throw new LivenessError('ERR_CONFIG', String(reason));
}

/** True where `after` has the contents of `before` and what was added, nothing else. Throws ERR_CONFIG. */
export async function isOnlyAdded(before: string, after: string, added: Added): Promise<boolean> {
  const { isSame } = await run(COMPARE, [before, after, JSON.stringify(added)]);
  return isSame === true;
}

async function run(
  program: string,
  args: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const { stdio, stderr, timedOut } = await execa(process.execPath, ['-e', program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    reject: false,
    timeout: LOAD_MS,
    killSignal: 'SIGKILL',
  });
  if (timedOut) throw new LivenessError('ERR_CONFIG', `it took longer than ${LOAD_MS / 1_000} s`);
  const answer: unknown = stdio[3];
  try {
    return JSON.parse(String(answer)) as Record<string, unknown>; // the program above wrote it
  } catch (cause) {
    const said = /^\w*Error: .*$/m.exec(stderr)?.[0] ?? messageOf(cause);
    throw new LivenessError('ERR_CONFIG', said, { cause });
  }
}
