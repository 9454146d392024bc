import { instanceVariable } from './process.ts';

/** What PM2 or Node adds for itself, by which a process is known as this app's, or that is the monitor's. */
const NOT_THE_APPS = /^(?:PM2_|pm_|LIVENESS_|liveness_)/;
const ALSO_NOT: ReadonlySet<string> = new Set([
  'name',
  'status',
  'unique_id',
  'vizion_running',
  // The module's settings, which PM2 gives a module as one variable of its name.
  'pm2-liveness',
  // A channel that only the app itself has: a Node that finds no such descriptor ends at once.
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
  'NODE_UNIQUE_ID',
]);

/**
 * The environment that PM2 gives an app, out of its `pm2_env`: what the user had and wrote, `PORT`
 * and the number of the instance as they are for this one. Without PM2's own entries: its markers in
 * a command of ours would make what it leaves behind an orphan of the app.
 */
export function appEnvironment(
  env: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const given = env['env'];
  const names = typeof given === 'object' && given !== null ? Object.entries(given) : [];
  const number = instanceVariable(env);
  const entries = [...names, [number, env[number]] as const].flatMap(([name, written]) => {
    if (NOT_THE_APPS.test(name) || ALSO_NOT.has(name) || name.includes('=')) return [];
    // What PM2 changes with each start (`increment_var`) it changes beside the environment.
    const value = text(Object.hasOwn(env, name) ? env[name] : undefined) ?? text(written);
    return value === null || value.includes('\0') ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** As PM2 puts it into an environment: no objects, and nothing for null. */
function text(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
