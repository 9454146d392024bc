/** One `process:event` of PM2's bus, without the environment that PM2 sends along. */
export interface BusEvent {
  /** PM2's word: `online`, `exit`, `restart`, `stop`, `restart overlimit`, … */
  readonly event: string;
  /** True for what somebody asked for (`pm2 stop`), false for what PM2 did by itself. */
  readonly manually: boolean;
  readonly pmId: number;
  readonly name: string;
  /** PM2's `pm_uptime` of the life that this is about, in wall milliseconds; null where it is not told. */
  readonly startedAt: number | null;
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
  return { event, manually, pmId, name, startedAt: typeof uptime === 'number' ? uptime : null };
}

/** The pm_id of the app that a heartbeat came from; null for anything of another shape. */
export function toBeat(message: unknown): number | null {
  if (typeof message !== 'object' || message === null || !('process' in message)) return null;
  const { process } = message;
  if (typeof process !== 'object' || process === null || !('pm_id' in process)) return null;
  // The old process of a reload under way has a text (`_old_0`) and speaks for nobody any more.
  return typeof process.pm_id === 'number' ? process.pm_id : null;
}

/** The answer of an action, as it comes over the bus (`axm:reply`). */
export interface ActionReply {
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
