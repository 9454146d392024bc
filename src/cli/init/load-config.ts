import { createRequire } from 'node:module';
import { execa } from 'execa';
import { LivenessError, messageOf } from '../../errors.ts';
import { kindOf } from './edit/file-kind.ts';

/** How long a file may take to load. At a load of 25 on two processors 10 s were too little for a file of 17 lines. */
const LOAD_MS = 30_000;

/** Loads a file as PM2 does: JSON as an expression, YAML with PM2's own reader, others with require. The answer has its own channel. */
const LOAD = `
const { readFileSync, writeSync } = require('node:fs');
const { isDeepStrictEqual } = require('node:util');
const [, kind, yaml, ...given] = process.argv;
// Node gives these to -e alone. PM2 gives none of them to a file, and an ES module must not find them.
const ours = require;
for (const name of ['require', 'module', 'exports', '__filename', '__dirname']) delete globalThis[name];
const load = (file) => kind === 'json'
  ? ours('node:vm').runInThisContext('(' + readFileSync(file, 'utf8') + ')')
  : kind === 'yaml' ? ours(yaml).load(readFileSync(file, 'utf8')) : ours(file);
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
const whyNone = (config) => {
  if (typeof config === 'function') return 'PM2 does not call the function that it exports: export the object with the apps';
  const isModule = Object.prototype.toString.call(config) === '[object Module]';
  return isModule && 'default' in config
    ? 'PM2 does not read \`export default\`: write \`export const apps = [ … ]\` in its place, then run init again'
    : 'it exports no list of apps';
};
const config = load(given[0]);
const apps = appsOf(config);
answer(apps ? { apps } : { reason: whyNone(config) });
`;

const COMPARE = `${LOAD}
const [before, after, json] = given;
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
  const [file = ''] = args;
  const kind = kindOf(file) ?? 'code';
  const words = [kind, kind === 'yaml' ? pm2Yaml() : '', ...args];
  const { stdio, stderr, timedOut } = await execa(process.execPath, ['-e', program, ...words], {
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
    const said = /^\w*(?:Error|YAMLException): .*$/m.exec(stderr)?.[0] ?? messageOf(cause);
    throw new LivenessError('ERR_CONFIG', said, { cause });
  }
}

/** The path of the YAML reader that PM2 uses. Throws ERR_CONFIG where it is not there. */
function pm2Yaml(): string {
  try {
    const pm2 = createRequire(import.meta.url).resolve('pm2/package.json');
    return createRequire(pm2).resolve('js-yaml');
  } catch (cause) {
    throw new LivenessError('ERR_CONFIG', "PM2's reader of YAML is not there", { cause });
  }
}
