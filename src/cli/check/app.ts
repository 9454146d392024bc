import { askApp, type Ask, type AppAnswer } from '../../diagnosis/ask-app.ts';
import { observationOf } from '../../target/observation.ts';
import { createOsReader } from '../../os/create-reader.ts';
import { SharedReader } from '../../os/shared-reader.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { systemClock as clock } from '../../time/clock.ts';
import type { Check } from './targets.ts';

/** Who asks an app once, and looks who answers. */
export type AppChecker = (check: Check, ask: Ask) => Promise<AppAnswer>;

/**
 * Asks the apps of a PM2_HOME as the monitor does: what somebody else answers is no answer of the app.
 * A URL or an address that was typed is nobody's, and is asked as it stands.
 */
export function appChecker(pm2Home: string, processes: readonly ManagedProcess[]): AppChecker {
  const ports = {
    reader: new SharedReader(createOsReader(), clock),
    pm2Home,
    ownPid: process.pid,
    pm2Pids: () => processes.map(({ pid }) => pid).filter((pid) => pid > 0),
    instances: (name: string) => processes.filter((each) => each.name === name),
  };
  return async ({ process: app, config }, ask) => {
    if (app === null) return { sample: await ask(), note: null };
    return askApp(observationOf(app, clock), config, ports, ask);
  };
}
