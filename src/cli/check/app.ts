import { askApp, type Ask, type AppAnswer } from '../../diagnosis/ask-app.ts';
import { observationOf } from '../../target/observation.ts';
import { createOsReader } from '../../os/create-reader.ts';
import { SharedReader } from '../../os/shared-reader.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { systemClock as clock } from '../../time/clock.ts';
import type { Check } from './targets.ts';

/** Probes an app once, and finds who answers. */
type AppChecker = (check: Check, ask: Ask) => Promise<AppAnswer>;

/**
 * Probes the apps of a PM2_HOME as the monitor does: an answer of somebody else is not the app's. A typed URL
 * or address belongs to no app, and is probed as it is.
 */
export function appChecker(pm2Home: string, processes: readonly ManagedProcess[]): AppChecker {
  const deps = {
    reader: new SharedReader(createOsReader(), clock),
    clock,
    pm2Home,
    ownPid: process.pid,
    pm2Pids: () => processes.map(({ pid }) => pid).filter((pid) => pid > 0),
    instances: (name: string) => processes.filter((each) => each.name === name),
  };
  return async ({ process: app, config }, ask) => {
    if (app === null) return { sample: await ask(), note: null };
    return askApp(observationOf(app, clock), config, deps, ask);
  };
}
