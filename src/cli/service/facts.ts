import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { loadMonitorConfig, ownEnvironment } from '../../config/load.ts';
import { codeOf } from '../../errors.ts';
import { hasUnstartable, type BootPersistence } from '../../os/boot/persistence.ts';
import { readWindowsStart, USUAL_NAME } from '../../os/boot/windows.ts';
import { runCommand } from '../../os/run-command.ts';
import { ownUid, ownUserName } from '../../os/users/user.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import type { ParsedArguments } from '../framework/command.ts';
import { usage } from '../framework/parse-arguments.ts';
import { persistenceOf } from '../launch/boot-advice.ts';
import { MonitorInquiry } from '../status/monitor-status.ts';
import type { PosixFacts } from './posix.ts';
import type { WindowsFacts } from './windows-facts.ts';

/** What is known of this machine and its PM2. Throws for a user without a name, and where PM2's list cannot be read. */
export async function posixFacts(): Promise<PosixFacts> {
  const { boot, isPm2Running } = await bootFacts();
  return { platform: process.platform, isRoot: ownUid() === 0, boot, isPm2Running };
}

/** The same of Windows. Throws ERR_USAGE for a name or a path that cannot be used. */
export async function windowsFacts(given: ParsedArguments): Promise<WindowsFacts> {
  const { pm2Home } = loadMonitorConfig();
  const name = serviceName(given);
  const nssm = await nssmOf(given.valueOf('nssm'));
  const [{ boot, isPm2Running, hasApps }, groups, found] = await Promise.all([
    bootFacts(),
    runCommand('whoami.exe', ['/groups', '/fo', 'csv', '/nh']),
    readWindowsStart(pm2Home, name),
  ]);
  const { saved } = boot;
  return {
    name,
    user: `${variable('USERDOMAIN') ?? '.'}\\${ownUserName() ?? ''}`,
    pm2Home,
    node: process.execPath,
    pm2Program: createRequire(import.meta.url).resolve('pm2/bin/pm2'),
    nodeFolder: dirname(process.execPath),
    nssm,
    // The levels below "high", by their numbers: the words are in the language of the machine.
    mayBeAdmin: !/S-1-16-(?:0|4096|8192|8448)\b/.test(groups ?? ''),
    found,
    isPm2Running,
    needsSave: hasApps && saved.state !== 'current' && !hasUnstartable(saved),
    isNow: given.has('now'),
  };
}

/** The name of `--name`. Throws ERR_USAGE for one that Windows or a command line does not take. */
export function serviceName(given: ParsedArguments): string {
  const name = given.valueOf('name') ?? USUAL_NAME;
  if (/^[\w.-]{1,80}$/.test(name)) return name;
  throw usage(`service: --name: got '${name}'; wanted letters, digits, '.', '-' and '_'`);
}

/** How PM2 starts at boot, and whether it runs now. */
export async function bootFacts(): Promise<{
  readonly boot: BootPersistence;
  readonly isPm2Running: boolean;
  readonly hasApps: boolean;
}> {
  const { pm2Home } = loadMonitorConfig();
  const monitor = new MonitorInquiry(pm2Home);
  try {
    const processes = await monitor.processes().catch(noDaemon);
    const boot = await persistenceOf(pm2Home, processes ?? []);
    const hasApps = (processes ?? []).some(({ env }) => !env['pmx_module']);
    return { boot, isPm2Running: processes !== null, hasApps };
  } finally {
    await monitor.close();
  }
}

function noDaemon(error: unknown): readonly ManagedProcess[] | null {
  if (codeOf(error) === 'ERR_PM2_UNAVAILABLE') return null;
  throw error;
}

/** The typed program, else the one on PATH; null where there is none. */
async function nssmOf(typed: string | undefined): Promise<string | null> {
  if (typed !== undefined) {
    const path = resolve(typed);
    if (await isFile(path)) return path;
    throw usage(`service install: --nssm: there is no program ${path}`);
  }
  for (const folder of (variable('PATH') ?? '').split(delimiter)) {
    // A part that is empty or relative would be in the current folder, and its program anybody's.
    const path = join(folder.replaceAll('"', ''), 'nssm.exe');
    if (isAbsolute(path) && (await isFile(path))) return path;
  }
  return null;
}

/** A variable of Windows, where it is often `Path`: the case of letters does not count. */
function variable(name: string): string | undefined {
  return Object.entries(ownEnvironment()).find(([key]) => key.toUpperCase() === name)?.[1];
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
