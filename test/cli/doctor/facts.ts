import type { AppFacts, DoctorFacts } from '../../../src/cli/doctor/facts.ts';
import { readBlock } from '../../../src/config/target-config.ts';
import { toManagedProcess, type ManagedProcess } from '../../../src/pm2/process.ts';
import type { StatusDocument } from '../../../src/report/status.ts';

/** One entry of PM2's list. */
export function listed(
  name: string,
  pmId: number,
  env: Readonly<Record<string, unknown>> = {},
): ManagedProcess {
  const entry = {
    name,
    pm_id: pmId,
    pid: 1_000 + pmId,
    pm2_env: { status: 'online', pm_cwd: '/srv/app', pm_exec_path: '/srv/app/server.js', ...env },
  };
  return toManagedProcess(entry) ?? fail();
}

function fail(): never {
  throw new Error('not an entry of PM2');
}

/** A Vite app as it should be; `change` plants what is wrong. */
export function app(
  change: Partial<AppFacts> = {},
  env: Readonly<Record<string, unknown>> = {},
): AppFacts {
  const block = { vite: 'http://127.0.0.1:5173/' };
  const process = listed('web', 1, {
    pm_exec_path: '/srv/app/node_modules/vite/bin/vite.js',
    args: ['--port', '5173', '--strictPort'],
    env_liveness: block,
    ...env,
  });
  const read = readBlock(process.block, process.env);
  return {
    process,
    config: read.ok ? read.config : null,
    problems: read.ok ? [] : read.problems,
    wrapper: null,
    isVite: true,
    isDevServer: true,
    isStrictByConfig: false,
    port: {
      port: 5173,
      addresses: ['127.0.0.1'],
      holder: { kind: 'accepted' },
      isHeld: true,
      others: [],
      ownAddresses: ['127.0.0.1'],
      otherPorts: [],
    },
    ...change,
  };
}

/** What a leading monitor says when all is well. */
export const STATUS: StatusDocument = {
  schemaVersion: 1,
  monitor: {
    version: '0.1.0',
    pid: 1_000,
    since: '2026-11-23T22:00:00.000Z',
    state: 'active',
    unfit: null,
    history: { isKept: true, why: null },
  },
  targets: [],
  misconfigured: [],
  problems: [],
};

/** A good set-up; `change` plants what is wrong. */
export function facts(change: Partial<DoctorFacts> = {}): DoctorFacts {
  return {
    pm2Home: '/home/ann/.pm2',
    pm2Version: '7.0.4',
    isPsMissing: false,
    status: STATUS,
    monitors: [listed('pm2-liveness', 0)],
    apps: [app()],
    boot: {
      startup: { state: 'installed', unit: '/etc/systemd/system/pm2-ann.service' },
      saved: { state: 'current' },
      fix: [],
    },
    inotify: {
      watches: { used: 900, limit: 192_536 },
      instances: { used: 4, limit: 128 },
    },
    ...change,
  };
}
