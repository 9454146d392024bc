import { readJson } from '../text/read-json.ts';

/** PM2's own words for the state of a process (FACTS, "PM2: bus and connection"; PM2's types lack some). */
type Pm2Status =
  | 'online'
  | 'launching'
  | 'stopping'
  | 'stopped'
  | 'errored'
  | 'waiting restart'
  | 'one-launch-status';

/** One entry of PM2's list, only what we use. Never print it whole: it has the app's environment. */
export interface ManagedProcess {
  readonly pmId: number;
  readonly name: string;
  readonly namespace: string;
  /** PM2's number of this instance of the app (`NODE_APP_INSTANCE`). */
  readonly instance: number;
  /** 0 while PM2 runs no process for the entry. */
  readonly pid: number;
  readonly status: Pm2Status;
  /** PM2's `pm_uptime`: when this incarnation began, in wall milliseconds. */
  readonly startedAt: number;
  /** PM2's `restart_time`: how often it has restarted the app, for any cause. */
  readonly restarts: number;
  /** PM2's `pm_cwd`. */
  readonly cwd: string;
  /** True in cluster mode, where PM2's daemon itself holds the listening socket. */
  readonly isCluster: boolean;
  /** PM2's `pm_err_log_path`; null where there is none. */
  readonly errorLog: string | null;
  /** PM2's `pm_out_log_path`; null where there is none. */
  readonly outputLog: string | null;
  /** PM2's `kill_timeout`: how long a process has to exit before PM2 sends SIGKILL. */
  readonly killTimeoutMs: number;
  readonly listenTimeoutMs: number;
  /**
   * Its `env_liveness` block, not checked: PM2's, where that is text with JSON what the text says; undefined
   * where there is none.
   */
  readonly block: unknown;
  /** Where the block is from; absent for PM2's own entry. */
  readonly blockFrom?: 'watched.json';
  /** The app's PM2 environment, for `${NAME}` in its block. Never logged. */
  readonly env: Readonly<Record<string, unknown>>;
}

const STATUSES: ReadonlySet<string> = new Set<Pm2Status>([
  'online',
  'launching',
  'stopping',
  'stopped',
  'errored',
  'waiting restart',
  'one-launch-status',
]);

/** Reads one list entry; null for another shape, which is left alone. */
export function toManagedProcess(entry: unknown): ManagedProcess | null {
  if (!isRecord(entry) || !isRecord(entry['pm2_env'])) return null;
  const env = entry['pm2_env'];
  const { pm_id: pmId, name } = entry;
  const status = env['status'];
  if (typeof pmId !== 'number' || typeof name !== 'string' || !isStatus(status)) return null;
  return {
    pmId,
    name,
    namespace: typeof env['namespace'] === 'string' ? env['namespace'] : 'default',
    instance: numberOr(env[instanceVariable(env)], 0),
    pid: numberOr(entry['pid'], 0),
    status,
    startedAt: numberOr(env['pm_uptime'], 0),
    restarts: numberOr(env['restart_time'], 0),
    cwd: typeof env['pm_cwd'] === 'string' ? env['pm_cwd'] : '',
    isCluster: env['exec_mode'] === 'cluster_mode',
    errorLog: typeof env['pm_err_log_path'] === 'string' ? env['pm_err_log_path'] : null,
    outputLog: typeof env['pm_out_log_path'] === 'string' ? env['pm_out_log_path'] : null,
    // PM2's defaults, where the app sets none, or 0.
    killTimeoutMs: numberOr(env['kill_timeout'], 0) || 1_600,
    listenTimeoutMs: numberOr(env['listen_timeout'], 0) || 3_000,
    block: blockOf(env['env_liveness']),
    env,
  };
}

/**
 * A block as PM2 has it. From a variable (`env_liveness='{…}' pm2 restart web --update-env`) it is text (FACTS,
 * "PM2: config and discovery"). An empty one is none, as in a shell; other text stays, and is refused with its reason.
 */
function blockOf(block: unknown): unknown {
  if (block === '') return undefined;
  if (typeof block !== 'string') return block;
  const read = readJson(block);
  return read.ok ? read.value : block;
}

/** The pid of any list entry, also of one with another shape; 0 where it has none. */
export function pidOf(entry: unknown): number {
  return isRecord(entry) ? numberOr(entry['pid'], 0) : 0;
}

/** Identifies this incarnation: it changes with every start of the app, and with nothing else. */
export function incarnationOf({ pmId, pid, startedAt }: ManagedProcess): string {
  return `${pmId}:${pid}:${startedAt}`;
}

/**
 * Identifies an entry without a process as PM2 left it. An operator's stop changes it, unless PM2 had stopped it
 * already and has no pid of it.
 */
export function entryIdOf(process: ManagedProcess): string {
  return `${incarnationOf(process)}:${process.status}`;
}

/** The name of the variable with the instance number; an app can change it (`instance_var`). */
export function instanceVariable(env: Readonly<Record<string, unknown>>): string {
  const name = env['instance_var'];
  return typeof name === 'string' ? name : 'NODE_APP_INSTANCE';
}

function isStatus(status: unknown): status is Pm2Status {
  return typeof status === 'string' && STATUSES.has(status);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function numberOr(value: unknown, fallback: number): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : fallback;
}
