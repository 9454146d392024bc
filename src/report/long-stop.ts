import type { Observation } from '../target/observation.ts';
import type { Log } from './log.ts';
import { stoppingText } from './pm2-wait-text.ts';

/** One line where PM2 has been stopping an app for long. */
export function logLongStop(log: Log, app: Observation, label: string, now: number): void {
  const { name, pmId, pid, pm2Wait } = app;
  if (pm2Wait?.type !== 'stopping') return;
  const fields = { app: name, pmId, pid, event: 'stopping', killTimeoutMs: pm2Wait.killTimeoutMs };
  log.line('warn', `${label}: ${stoppingText(pm2Wait, now)}`, fields);
}
