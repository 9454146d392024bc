import type { ActionMode } from '../verdict/policy.ts';

/** A number with a unit, `ms`, `s`, `m`, `h` or `d`: `'250ms'`, `'5s'`, `'10m'`. */
export type DurationText = string;

/** A text to find, a regular expression as `'/ready/i'`, or one with its parts named. */
export type BodyPattern = string | { readonly regex: string; readonly flags?: string };

/** A status such as `204`, or a range such as `'200-299'`. */
export type StatusText = number | string;

/** TLS settings of probes whose URL is https; `ca` is PEM text. */
export interface TlsBlock {
  readonly ca?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Does the port accept connections? A hung app still does. */
export interface TcpBlock {
  readonly host: string;
  readonly port: number | string;
}

/** Does this URL answer as it should? */
export interface HttpBlock extends TlsBlock {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'OPTIONS' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: StatusText | readonly StatusText[];
  readonly body?: BodyPattern;
  readonly bodyNot?: BodyPattern;
}

/** Does this Vite dev server serve pages and modules? `url` is its base. */
export interface ViteBlock extends TlsBlock {
  readonly url: string;
  readonly deepPeriod?: DurationText;
  readonly deepTimeout?: DurationText;
  /** Reported, never a reason to restart: whether hot reload reaches the browser. */
  readonly hmr?: boolean;
}

/** Does this WebSocket open, and answer as it should? `expect` is looked for in each text message. */
export interface WebSocketBlock extends TlsBlock {
  readonly url: string;
  readonly protocol?: string;
  readonly send?: string;
  readonly expect?: BodyPattern;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Does the app say, over PM2, that it is alive? It promises to say so at least once in `every`. */
export interface HeartbeatBlock {
  readonly every: DurationText;
}

/** Does this program end with code 0? No shell; a relative `cwd` starts at the app's folder. */
export interface ExecBlock {
  readonly command: string | readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Who may hold the port that is asked: the app alone, or anybody on its behalf. */
export type PortOwner = 'app' | 'any';

/** The budget of restarts, and the waits between them. */
export interface RestartsBlock {
  readonly limit?: number;
  readonly within?: DurationText;
  readonly maxBackoff?: DurationText;
  readonly cooldown?: DurationText;
  readonly maxCooldown?: DurationText;
}

/**
 * The `env_liveness` block of an app in an ecosystem file: exactly one probe, the rest is
 * optional. `${NAME}` in any text is taken from the app's own PM2 env; `$${` is a plain `${`.
 */
export interface LivenessBlock {
  readonly tcp?: string | TcpBlock;
  readonly http?: string | HttpBlock;
  readonly vite?: string | ViteBlock;
  readonly exec?: string | readonly string[] | ExecBlock;
  readonly websocket?: string | WebSocketBlock;
  readonly heartbeat?: DurationText | HeartbeatBlock;
  readonly period?: DurationText;
  readonly fastPeriod?: DurationText;
  readonly startupPeriod?: DurationText;
  readonly startupTimeout?: DurationText;
  readonly timeout?: DurationText;
  readonly failureThreshold?: number;
  readonly successThreshold?: number;
  readonly busyGrace?: DurationText;
  readonly action?: ActionMode;
  readonly restarts?: RestartsBlock;
  readonly portOwner?: PortOwner;
  readonly reapOrphans?: boolean;
  readonly maxTreeMemory?: string;
}
