import { canonicalAddress } from '../address.ts';
import { singleLineCommand } from '../../text/single-line.ts';
import type { Listener, ProcessFacts, ProcessTable } from '../os-reader.ts';

/**
 * Reads `netstat -ano`. Headings and states are in the language of the machine (`ABHÖREN`), so a listener is
 * recognized by its peer, `0.0.0.0:0` or `[::]:0`.
 */
export function parseNetstat(text: string): readonly Listener[] {
  const listeners: Listener[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, host = '', port, pid] =
      /^\s*TCP\s+(\S+):(\d{1,5})\s+(?:0\.0\.0\.0|\[::\]):0\s+(?:\S.*\s)?(\d+)\s*$/i.exec(line) ??
      [];
    const address = canonicalAddress(host);
    if (address === null) continue;
    listeners.push({ address, port: Number(port), pids: pid === '0' ? null : [Number(pid)] });
  }
  return listeners;
}

/** Reads the JSON of our PowerShell line: a list of processes, or one process; null for anything else. */
export function parseProcesses(text: string): ProcessTable | null {
  const json = parseJson(text);
  const table = new Map<number, ProcessFacts>();
  for (const entry of Array.isArray(json) ? json : [json]) {
    const facts = toFacts(entry);
    if (facts !== null) table.set(facts.pid, facts);
  }
  return table.size === 0 ? null : table;
}

function toFacts(entry: unknown): ProcessFacts | null {
  if (typeof entry !== 'object' || entry === null) return null;
  const fields = new Map<string, unknown>(Object.entries(entry));
  const pid = toCount(fields.get('ProcessId'));
  // The idle process and a few system processes have no date; they are not needed.
  const startedAtMs = toCount(fields.get('StartedAtMs'));
  if (pid === null || startedAtMs === null) return null;
  const kernel = toCount(fields.get('KernelModeTime'));
  const user = toCount(fields.get('UserModeTime'));
  return {
    pid,
    ppid: toCount(fields.get('ParentProcessId')) ?? 0,
    uid: null,
    birth: String(startedAtMs),
    startedAtMs,
    // In units of 100 ns.
    cpuMs: kernel === null || user === null ? null : Math.round((kernel + user) / 10_000),
    rssBytes: toCount(fields.get('WorkingSetSize')),
    state: 'unknown',
    tracerPid: null,
    command: singleLineCommand(
      toText(fields.get('CommandLine')) ?? toText(fields.get('Name')) ?? '',
    ),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}

/** PowerShell writes large counters as numbers or as text, depending on its version. */
function toCount(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}

function toText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
