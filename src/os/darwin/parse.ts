import { canonicalAddress } from '../address.ts';
import { singleLineCommand } from '../../text/single-line.ts';
import type { Listener, ProcessFacts, ProcessState, ProcessTable } from '../os-reader.ts';

const STATES: Readonly<Record<string, ProcessState>> = {
  R: 'running',
  S: 'sleeping',
  I: 'sleeping',
  U: 'disk',
  T: 'stopped',
  Z: 'zombie',
};

/** Reads `lsof -nP -iTCP -sTCP:LISTEN -Fptn`: one letter and value per line; `p` begins a process. */
export function parseLsof(text: string): readonly Listener[] {
  const listeners: Listener[] = [];
  let pid: number | null = null;
  let isIpv6 = false;
  for (const line of text.split(/\r?\n/)) {
    const value = line.slice(1);
    if (line.startsWith('p')) pid = /^\d+$/.test(value) ? Number(value) : null;
    if (line.startsWith('t')) isIpv6 = value === 'IPv6';
    const place = line.startsWith('n') ? splitPlace(value, ':', isIpv6) : null;
    if (place !== null && pid !== null) listeners.push({ ...place, pids: [pid] });
  }
  return listeners;
}

/** Reads `netstat -anW -p tcp`, which shows the sockets of all users, but not whose they are. */
export function parseNetstat(text: string): readonly Listener[] {
  const listeners: Listener[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [protocol = '', , , local = '', , state] = line.trim().split(/\s+/);
    if (state !== 'LISTEN' || !/^tcp(4|6|46)$/.test(protocol)) continue;
    const place = splitPlace(local, '.', protocol !== 'tcp4');
    if (place !== null) listeners.push({ ...place, pids: null });
  }
  return listeners;
}

/**
 * The listeners from both: without root, lsof shows only our own user's sockets, as if there were no others.
 */
export function mergeListeners(
  all: readonly Listener[],
  owned: readonly Listener[],
): readonly Listener[] {
  const merged = new Map<string, Set<number>>();
  for (const { address, port, pids } of [...all, ...owned]) {
    const key = `${port} ${address}`;
    const known = merged.get(key) ?? new Set();
    merged.set(key, new Set([...known, ...(pids ?? [])]));
  }
  return [...merged].map(([key, pids]) => {
    const [port = '', address = ''] = key.split(' ');
    return { address, port: Number(port), pids: pids.size === 0 ? null : [...pids] };
  });
}

/** Reads `ps -axwwo pid=,ppid=,ruid=,state=,time=,rss=,lstart=,command=` under LC_ALL=C and TZ=UTC. */
export function parsePs(text: string): ProcessTable {
  const table = new Map<number, ProcessFacts>();
  for (const line of text.split('\n')) {
    const facts = parsePsLine(line);
    if (facts !== null) table.set(facts.pid, facts);
  }
  return table;
}

const PS_LINE =
  /^\s*(\d+)\s+(\d+)\s+(\d+)\s+([A-Za-z?]\S*)\s+([\d:.,-]+)\s+(\d+)\s+([A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:]{8} \d{4})\s*(.*)$/;

function parsePsLine(line: string): ProcessFacts | null {
  const [, pid, ppid, uid, state = '', time = '', rss, lstart = '', command = ''] =
    PS_LINE.exec(line) ?? [];
  const startedAtMs = Date.parse(`${lstart} UTC`);
  if (Number.isNaN(startedAtMs)) return null;
  return {
    pid: Number(pid),
    ppid: Number(ppid),
    uid: Number(uid),
    birth: lstart,
    startedAtMs,
    cpuMs: parseTime(time),
    rssBytes: Number(rss) * 1024,
    // An X after the letter means that it is debugged; by whom is not known.
    state: state.includes('X') ? 'traced' : (STATES[state.slice(0, 1)] ?? 'unknown'),
    tracerPid: null,
    command: singleLineCommand(command),
  };
}

/** `[[dd-]hh:]mm:ss[.cc]`, where minutes may grow beyond 60. */
function parseTime(time: string): number | null {
  const [, days = '0', hours = '0', minutes, seconds] =
    /^(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+(?:[.,]\d+)?)$/.exec(time) ?? [];
  if (minutes === undefined || seconds === undefined) return null;
  const whole = (Number(days) * 24 + Number(hours)) * 60 + Number(minutes);
  return Math.round((whole * 60 + Number(seconds.replace(',', '.'))) * 1_000);
}

/** `127.0.0.1:5173`, `[::1]:5173`, `*:5173`, and the same with a dot before the port. */
function splitPlace(
  place: string,
  separator: ':' | '.',
  isIpv6: boolean,
): Pick<Listener, 'address' | 'port'> | null {
  const at = place.lastIndexOf(separator);
  const port = place.slice(at + 1);
  if (at < 1 || !/^\d{1,5}$/.test(port)) return null;
  const host = place.slice(0, at);
  const wildcard = isIpv6 ? '::' : '0.0.0.0';
  const address = host === '*' ? wildcard : canonicalAddress(host);
  return address === null ? null : { address, port: Number(port) };
}
