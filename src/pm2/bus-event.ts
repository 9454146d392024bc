/** One `process:event` of PM2's bus, without the environment that PM2 sends along. */
export interface BusEvent {
  /** PM2's word: `online`, `exit`, `restart`, `stop`, `restart overlimit`, … */
  readonly event: string;
  /** True where somebody caused it (`pm2 stop`), false where PM2 did it by itself. */
  readonly manually: boolean;
  readonly pmId: number;
  readonly name: string;
  /** PM2's `pm_uptime` of the incarnation, in wall milliseconds; null where missing. */
  readonly startedAt: number | null;
  /** PM2's `restart_time` as of then; absent where it is not given. */
  readonly restarts?: number;
  /** When PM2 said so, in wall milliseconds; absent where it is not given. */
  readonly at?: number;
  /** With `exit`: how the incarnation ended. */
  readonly exit?: Exit;
}

/** The end of an incarnation. */
export interface Exit {
  readonly code: number;
  /** Somebody had PM2 stop it: by a stop, a restart or a delete. */
  readonly isOrdered: boolean;
}

/** Reads one bus message; null for anything of another shape. */
export function toBusEvent(data: unknown): BusEvent | null {
  if (typeof data !== 'object' || data === null || !('event' in data) || !('process' in data)) {
    return null;
  }
  const { event, process } = data;
  if (typeof event !== 'string' || typeof process !== 'object' || process === null) return null;
  if (!('pm_id' in process) || !('name' in process)) return null;
  const { pm_id: pmId, name } = process;
  if (typeof pmId !== 'number' || typeof name !== 'string') return null;
  const manually = 'manually' in data && data.manually === true;
  const uptime = 'pm_uptime' in process ? process.pm_uptime : null;
  const startedAt = typeof uptime === 'number' ? uptime : null;
  const exit = event === 'exit' ? exitOf(process) : null;
  const restarts = 'restart_time' in process ? process.restart_time : null;
  return {
    event,
    manually,
    pmId,
    name,
    startedAt,
    ...(typeof restarts === 'number' && { restarts }),
    ...('at' in data && typeof data.at === 'number' && { at: data.at }),
    ...(exit && { exit }),
  };
}

function exitOf(process: object): Exit | null {
  if (!('exit_code' in process) || typeof process.exit_code !== 'number') return null;
  // PM2 says `stopping` while it stops a process, and `stopped` for one that exited by itself.
  const isOrdered = 'status' in process && process.status === 'stopping';
  return { code: process.exit_code, isOrdered };
}

/** Text that an app wrote to stdout or stderr. */
export interface Output {
  readonly pmId: number;
  readonly text: string;
}

/** Reads one message of an app's output (`log:out`, `log:err`); null for anything of another shape. */
export function toOutput(message: unknown): Output | null {
  const pmId = toBeat(message);
  if (pmId === null || typeof message !== 'object' || message === null) return null;
  return 'data' in message && typeof message.data === 'string'
    ? { pmId, text: message.data }
    : null;
}

/** What PM2's daemon itself wrote to its log. */
export interface DaemonOutput {
  readonly text: string;
  /** Wall milliseconds. */
  readonly at: number;
}

/** Reads one message of the daemon's own log (`log:PM2`); null for any other, also for one that an app made up. */
export function toDaemonOutput(message: unknown): DaemonOutput | null {
  if (typeof message !== 'object' || message === null) return null;
  if (!('process' in message) || !('data' in message) || !('at' in message)) return null;
  const { process, data: text, at } = message;
  // PM2 passes on what apps send under any name, with the number of the app here.
  const isDaemon =
    typeof process === 'object' &&
    process !== null &&
    'pm_id' in process &&
    process.pm_id === 'PM2';
  return isDaemon && typeof text === 'string' && typeof at === 'number' ? { text, at } : null;
}

/** The pm_id of the app that a heartbeat came from; null for anything of another shape. */
export function toBeat(message: unknown): number | null {
  if (typeof message !== 'object' || message === null || !('process' in message)) return null;
  const { process } = message;
  if (typeof process !== 'object' || process === null || !('pm_id' in process)) return null;
  // During a reload the old process has a text as its id (`_old_0`); its heartbeats do not count.
  return typeof process.pm_id === 'number' ? process.pm_id : null;
}

/** The pm_id of the app that reported itself ready to PM2 (`process:msg` with 'ready'); null for any other message. */
export function toReady(message: unknown): number | null {
  if (typeof message !== 'object' || message === null || !('raw' in message)) return null;
  return message.raw === 'ready' ? toBeat(message) : null;
}

/** The answer of an action on the bus (`axm:reply`). */
interface ActionReply {
  readonly pmId: number;
  readonly action: string;
  readonly returned: unknown;
}

/** Reads one reply; null for anything of another shape. */
export function toReply(message: unknown): ActionReply | null {
  if (typeof message !== 'object' || message === null) return null;
  if (!('process' in message) || !('data' in message)) return null;
  const { process, data } = message;
  if (typeof process !== 'object' || process === null || !('pm_id' in process)) return null;
  if (typeof data !== 'object' || data === null || !('action_name' in data)) return null;
  const { pm_id: pmId } = process;
  const { action_name: action } = data;
  if (typeof pmId !== 'number' || typeof action !== 'string') return null;
  return { pmId, action, returned: 'return' in data ? data.return : undefined };
}
