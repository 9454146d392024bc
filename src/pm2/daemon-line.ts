/** What a line of PM2's own log says about the end of a process, in PM2 6 and 7. */
export type DaemonLine =
  /** A process has ended. PM2 writes SIGINT where there was no signal at all. */
  | {
      readonly type: 'ended';
      readonly pmId: number;
      readonly code: number;
      readonly signal: string;
    }
  /** PM2 begins to stop a process, for any reason. */
  | { readonly type: 'stopping'; readonly pmId: number }
  /** A file has changed; every process of the name is restarted. */
  | { readonly type: 'watch'; readonly name: string; readonly path: string }
  /** A process is above its `max_memory_restart`; both in bytes. */
  | {
      readonly type: 'memory';
      readonly pmId: number;
      readonly used: number;
      readonly limit: number;
    }
  /** A restart through PM2 of an app that has a `cron_restart`, for any reason. */
  | { readonly type: 'cron'; readonly pmId: number };

/** A longer line is none of these: a name and a path have less. */
const MOST_CHARACTERS = 8_192;

const ENDED = /^App \[.*:(\d+)\] exited with code \[(-?\d+)\] via signal \[(\w+)\]$/s;
const STOPPING = /^Stopping app:.* id:(\d+)$/s;
const MEMORY =
  /^\[PM2\]\[WORKER\] Process (\d+) restarted because it exceeds --max-memory-restart value \(current_memory=(\d+) max_memory_limit=(\d+) /;
const CRON = /^\[PM2\] Deregistering a cron job on: (\d+)$/;
const [WATCH, FOR_APP, RESTARTING] = ['Change detected on path ', ' for app ', ' - restarting'];

/** Reads a line of PM2's own log; null for any that tells nothing about why an app is restarted. Linear in the text. */
export function readDaemonLine(text: string): DaemonLine | null {
  if (text.length > MOST_CHARACTERS) return null;
  const line = text.endsWith('\n') ? text.slice(0, -1) : text;
  // By their beginning: PM2 writes many other lines.
  if (line.startsWith('App [')) return endedOf(ENDED.exec(line));
  if (line.startsWith('Stopping ')) return pmIdOf('stopping', STOPPING.exec(line));
  if (line.startsWith(WATCH)) return watchOf(line);
  if (line.startsWith('[PM2] ')) return pmIdOf('cron', CRON.exec(line));
  return line.startsWith('[PM2][WORKER] Process ') ? memoryOf(MEMORY.exec(line)) : null;
}

function endedOf(found: RegExpExecArray | null): DaemonLine | null {
  const [, pmId, code, signal = ''] = found ?? [];
  if (pmId === undefined) return null;
  return { type: 'ended', pmId: Number(pmId), code: Number(code), signal };
}

function pmIdOf(type: 'stopping' | 'cron', found: RegExpExecArray | null): DaemonLine | null {
  const pmId = found?.[1];
  return pmId === undefined ? null : { type, pmId: Number(pmId) };
}

function memoryOf(found: RegExpExecArray | null): DaemonLine | null {
  const [, pmId, used, limit] = found ?? [];
  if (pmId === undefined) return null;
  return { type: 'memory', pmId: Number(pmId), used: Number(used), limit: Number(limit) };
}

/** The path may hold any text, and comes first. */
function watchOf(line: string): DaemonLine | null {
  const at = line.lastIndexOf(FOR_APP);
  if (at < WATCH.length || !line.endsWith(RESTARTING)) return null;
  const name = line.slice(at + FOR_APP.length, -RESTARTING.length);
  return { type: 'watch', name, path: line.slice(WATCH.length, at) };
}
