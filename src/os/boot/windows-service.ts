import type { RunCommand } from '../run-command.ts';

/** A service of Windows. */
export interface WindowsService {
  readonly name: string;
  /** True where NSSM runs PM2 in it for the wanted PM2_HOME. */
  readonly isForHome: boolean;
  readonly startsAtBoot: boolean;
  readonly isRunning: boolean;
  /** As `LocalSystem`; empty where not known. */
  readonly account: string;
}

const SERVICES = String.raw`HKLM\SYSTEM\CurrentControlSet\Services`;

/**
 * Reads a service from the registry, where NSSM has its settings: this needs no NSSM, and the names there are the
 * same in every language. Null where there is none, or it cannot be read.
 */
export async function readWindowsService(
  name: string,
  pm2Home: string,
  run: RunCommand,
): Promise<WindowsService | null> {
  const values = parseValues((await run('reg.exe', ['query', `${SERVICES}\\${name}`, '/s'])) ?? '');
  if (!values.has('ImagePath')) return null;
  const runsPm2 = /\bpm2\b.*\bresurrect\b/i.test(values.get('AppParameters') ?? '');
  return {
    name,
    isForHome: runsPm2 && hasEntry(values.get('AppEnvironmentExtra'), `PM2_HOME=${pm2Home}`),
    startsAtBoot: values.get('Start') === '0x2',
    isRunning: parseServiceState((await run('sc.exe', ['query', name])) ?? '') === RUNNING,
    account: values.get('ObjectName') ?? '',
  };
}

/** The states of a service that somebody waits for, by the numbers of winsvc.h. */
export const STOPPED = 1;
export const RUNNING = 4;

/**
 * The state in the output of `sc query`; null where it has none. The second number: headings and names can be in the
 * language of the machine.
 */
export function parseServiceState(text: string): number | null {
  const numbers = text.split(/\r?\n/).flatMap((line) => {
    const number = /:\s+(\d+)\s+\S/.exec(line.slice(0, 200))?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  return numbers[1] ?? null;
}

/** The values in the output of `reg query … /s`, by name; the first of a name counts. */
export function parseValues(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, name, value = ''] = /^ {4}(\S{1,80}) {4}REG_\w{1,20}(?: {4}(.*))?$/.exec(line) ?? [];
    if (name !== undefined && !values.has(name)) values.set(name, value);
  }
  return values;
}

/** True where a list of the registry has this entry; `reg` writes `\0` between two. */
function hasEntry(list: string | undefined, entry: string): boolean {
  const between = String.raw`\0`;
  return comparable(`${between}${list ?? ''}${between}`).includes(
    comparable(`${between}${entry}${between}`),
  );
}

/**
 * A path as two programs of Windows may write it: the case of letters does not count, and what is not ASCII comes in the
 * code page of the console, which is not known.
 */
export function comparable(path: string): string {
  return path.replace(/[^\x20-\x7e]+/g, '?').toLowerCase();
}
