/** Stable codes of this package's errors. Messages may change, codes do not. */
export type ErrorCode =
  | 'ERR_CONFIG'
  | 'ERR_PM2_UNAVAILABLE'
  | 'ERR_PM2_TIMEOUT'
  | 'ERR_PM2_FAILED'
  /** A process could not be stopped, not even with SIGKILL. */
  | 'ERR_STUCK'
  /** A pid that PM2 still has for an app belongs to another process by now. */
  | 'ERR_PID_REUSED'
  /** A process that was to be restarted because a signal had stopped it runs again. */
  | 'ERR_RUNS_AGAIN'
  | 'ERR_USAGE'
  /** No monitor answers on the control socket. */
  | 'ERR_NO_MONITOR'
  /** A monitor, or something in its place, gives an answer that cannot be used. */
  | 'ERR_MONITOR'
  /** The folder PM2_HOME/pm2-liveness, or a file in it, cannot be used. */
  | 'ERR_STORE';

/** An error of infrastructure or configuration. An unhealthy target is a value, never an error. */
export class LivenessError extends Error {
  override readonly name = 'LivenessError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The message of any thrown value, in one line. */
export function messageOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message.replace(/\s+/g, ' ').trim();
}

/** The `code` of Node's system errors (`ECONNREFUSED`); undefined where there is none. */
export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
