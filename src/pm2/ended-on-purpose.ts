import type { ManagedProcess } from './process.ts';

/**
 * True where PM2 leaves an app down after an exit with this code, because its operator wants that: by
 * `autorestart: false`, or by `stop_exit_codes`. `env` is its PM2 environment, read as PM2 reads it.
 */
export function isWantedEnd(env: ManagedProcess['env'], code: unknown): boolean {
  const { autorestart, stop_exit_codes: codes } = env;
  if (autorestart === false || autorestart === 'false') return true;
  if (typeof code !== 'number') return false;
  return [codes]
    .flat()
    .some((each) => (typeof each === 'string' ? parseInt(each, 10) : each) === code);
}

/**
 * True for an entry without a process whose app ended as its operator wants it. With a `restart_delay` PM2 shows
 * it as `waiting restart`, with no timer, like an app that it gave up (FACTS, "PM2: restart by status").
 */
export function hasEndedOnPurpose({ status, pid, env }: ManagedProcess): boolean {
  return status === 'waiting restart' && pid === 0 && isWantedEnd(env, env['exit_code']);
}
