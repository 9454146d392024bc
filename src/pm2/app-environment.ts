import { instanceVariable } from './process.ts';

/**
 * Variables that PM2 or Node adds for itself, that mark a process as this app's, or that are the monitor's.
 */
const NOT_THE_APPS = /^(?:PM2_|pm_|LIVENESS_|liveness_)/;
const ALSO_NOT: ReadonlySet<string> = new Set([
  'name',
  'status',
  'unique_id',
  'vizion_running',
  // PM2 gives a module its settings in one variable of its name.
  'pm2-liveness',
  // A channel that only the app itself has: Node exits at once where it finds no such descriptor.
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
  'NODE_UNIQUE_ID',
]);

/**
 * The environment that PM2 gives an app, from its `pm2_env`: the user's own variables, with `PORT` and the
 * instance number of this instance. Without PM2's own entries: with its markers, a process that our command
 * leaves would count as an orphan of the app.
 */
export function appEnvironment(
  env: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const given = env['env'];
  const names = typeof given === 'object' && given !== null ? Object.entries(given) : [];
  const number = instanceVariable(env);
  const entries = [...names, [number, env[number]] as const].flatMap(([name, written]) => {
    if (NOT_THE_APPS.test(name) || ALSO_NOT.has(name) || name.includes('=')) return [];
    // PM2 keeps what it changes at each start (`increment_var`) beside the environment.
    const value = text(Object.hasOwn(env, name) ? env[name] : undefined) ?? text(written);
    return value === null || value.includes('\0') ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** The text that PM2 puts into an environment: none for objects and null. */
function text(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
