import { appendFile } from 'node:fs/promises';
import { callDaemon } from './pm2-rpc.ts';

/** The major versions of PM2 under whose daemons the tests can run. */
export type Pm2Major = '6' | '7';

/**
 * The versions that really ran in one sandbox, as each reports itself; a line of the file `TEST_VERSIONS`.
 */
interface SeenVersions {
  /** The Node of the test. */
  readonly test: string;
  readonly daemon: { readonly pm2: string; readonly node: string };
  /** The Node of each app that still ran at the end, with the monitor. */
  readonly apps: Readonly<Record<string, string>>;
}

/** One entry of PM2's list, with the fields that are needed here. */
interface Versioned {
  readonly name: string;
  readonly pid: number;
  readonly pm2_env: { readonly node_version?: string };
}

/** The PM2 of a whole run, from `TEST_PM2`; 7 without it. */
export function chosenMajor(): Pm2Major {
  const chosen = process.env['TEST_PM2'] ?? '7';
  if (chosen === '6' || chosen === '7') return chosen;
  throw new Error(`TEST_PM2: got '${chosen}'; write '6' or '7'`);
}

/** Saves what runs in a PM2_HOME, where the runner asks for it; a daemon that is gone is left out. */
export async function noteVersions(home: string, list: readonly Versioned[]): Promise<void> {
  const file = process.env['TEST_VERSIONS'];
  if (file === undefined) return;
  const report = await callDaemon(home, 'getReport').catch(() => null);
  if (report === null) return;
  const daemon = report as { pm2_version: string; node_version: string }; // PM2's own answer
  const running = list.flatMap(({ name, pid, pm2_env: env }) =>
    pid > 0 && env.node_version !== undefined ? [[name, env.node_version] as const] : [],
  );
  const seen: SeenVersions = {
    test: process.versions.node,
    daemon: { pm2: daemon.pm2_version, node: daemon.node_version },
    apps: Object.fromEntries(running),
  };
  await appendFile(file, `${JSON.stringify(seen)}\n`);
}
