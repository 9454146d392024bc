import type { LivenessBlock } from '../../config/block.ts';
import { didYouMean } from '../../text/nearest.ts';
import { formatProblems } from '../../config/problem.ts';
import { maskSecrets } from '../../config/secrets/secrets.ts';
import { hideQuery } from '../../config/secrets/shown-target.ts';
import { readBlock, type TargetConfig } from '../../config/target-config.ts';
import { messageOf } from '../../errors.ts';
import { numberOf, targetsOf, type Configured } from '../../target/grouping.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { createProbe } from '../../probe/registry.ts';
import { appArgument } from '../../text/shell-word.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import { usage } from '../framework/parse-arguments.ts';
import { isWebSocketUrl, socketIn, tcpAddressIn } from './typed-place.ts';

/** One check to run. */
export interface Check {
  /** The app, or the typed URL or address without a query. */
  readonly name: string;
  /** The number of the instance; 0 for a URL or an address. */
  readonly instance: number;
  readonly config: TargetConfig;
  /** PM2's status of an app that does not run now; null where it runs. */
  readonly note: string | null;
  /** The app's running process, or else any of its processes; null for a URL or an address. */
  readonly process: ManagedProcess | null;
}

/** An app whose block cannot be used. */
interface BadBlock {
  readonly name: string;
  readonly message: string;
}

/** The checks to run, and the apps that cannot be checked. */
export interface Checks {
  readonly checks: readonly Check[];
  readonly misconfigured: readonly BadBlock[];
}

/** A URL, with or without its protocol. */
const URL_LIKE = /:\/\/|:\d+[/?#]/;
const ADDRESS = /:\d+$/;

/** True for a URL, `host:port` or the path of a socket; any other word is the name of an app. */
export function isAddress(word: string): boolean {
  return URL_LIKE.test(word) || ADDRESS.test(word) || socketIn(word) !== undefined;
}

/** The check of a URL (with `isVite` as a Vite dev server), of `host:port` or of a socket. Throws ERR_USAGE. */
export function addressCheck(word: string, isVite: boolean): Check {
  const read = readBlock(blockOf(word, isVite), {});
  if (read.ok) {
    const name = hideQuery(word);
    return { name, instance: 0, config: read.config, note: null, process: null };
  }
  throw usage(`check: ${read.problems.map(({ message }) => message).join('; ')}`);
}

/** The block that asks at a typed place: by the scheme where there is one. */
function blockOf(word: string, isVite: boolean): LivenessBlock {
  if (isVite && URL_LIKE.test(word)) return { vite: word };
  const socket = socketIn(word);
  if (socket !== undefined) return { tcp: { socket } };
  if (isWebSocketUrl(word)) return { websocket: word };
  const tcp = tcpAddressIn(word);
  if (tcp !== undefined) return { tcp };
  return URL_LIKE.test(word) ? { http: word } : { tcp: word };
}

/** The checks of all apps in PM2's list with a block. */
export function allChecks(processes: readonly ManagedProcess[]): Checks {
  return checksOf(processes.filter(({ block }) => block !== undefined));
}

/** The checks of an app, one per instance. Throws ERR_USAGE where there is none, and suggests a name. */
export function appChecks(app: string, processes: readonly ManagedProcess[]): Checks {
  const found = processes.filter(({ name }) => name === app);
  const withBlock = found.filter(({ block }) => block !== undefined);
  if (withBlock.length > 0) return checksOf(withBlock);
  if (found.length > 0) {
    throw usage(
      `check: '${app}' is not watched; \`pm2-liveness watch ${appArgument(app)}\` finds what to probe; or name what to probe, like http://localhost:3000/`,
    );
  }
  const names = [...new Set(allNames(processes))];
  const others = `with a block: ${names.join(', ') || 'none'}; a URL or host:port works too`;
  const hint = didYouMean(app, names, others);
  throw usage(`check: PM2 has no app '${app}' (${hint})`);
}

function allNames(processes: readonly ManagedProcess[]): string[] {
  return processes.filter(({ block }) => block !== undefined).map(({ name }) => name);
}

function checksOf(processes: readonly ManagedProcess[]): Checks {
  const configured: Configured[] = [];
  const misconfigured: BadBlock[] = [];
  for (const process of processes) {
    const { name } = process;
    const read = configOf(process);
    if (typeof read !== 'string') {
      configured.push({ process, config: read, instance: numberOf(process) });
    } else if (!misconfigured.some((bad) => bad.name === name && bad.message === read)) {
      misconfigured.push({ name, message: read });
    }
  }
  const checks = targetsOf(configured).map(({ name, instance, config, processes: members }) => ({
    name,
    instance,
    config,
    note: noteOf(members),
    process: members.find(({ status }) => status === 'online') ?? members[0] ?? null,
  }));
  return { checks, misconfigured };
}

/** The settings of an app, or what is wrong with them. */
function configOf({ name, block, env }: ManagedProcess): TargetConfig | string {
  const read = readBlock(block, env);
  if (!read.ok) return formatProblems(name, read.problems);
  try {
    // What the schema cannot check (a CA that is no certificate) shows when the probe is made.
    createProbe(read.config.probe).stop();
    return read.config;
  } catch (error) {
    return `${sanitizeLine(name)}: ${maskSecrets(messageOf(error), read.config.secrets)}`;
  }
}

function noteOf(members: readonly ManagedProcess[]): string | null {
  if (members.some(({ status }) => status === 'online')) return null;
  return `PM2 says ${members[0]?.status ?? 'nothing of it'}`;
}
