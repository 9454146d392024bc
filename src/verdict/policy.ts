/** What to do about a failure that a restart can fix. */
export type ActionMode = 'restart' | 'reload' | 'observe';

/** The rules for one target, from its settings; all times in milliseconds. */
export interface Policy {
  readonly failureThreshold: number;
  readonly successThreshold: number;
  readonly startupTimeoutMs: number;
  readonly busyGraceMs: number;
  readonly action: ActionMode;
  /** How long a restart that can wait lets a load balancer move first; absent for not at all. */
  readonly drainMs?: number;
  readonly restarts: {
    /** At most this many restarts within `withinMs`. */
    readonly limit: number;
    readonly withinMs: number;
    readonly maxBackoffMs: number;
    readonly cooldownMs: number;
    readonly maxCooldownMs: number;
  };
}
