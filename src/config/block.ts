import type { ActionMode } from '../verdict/policy.ts';

/** A number with a unit, `ms`, `s`, `m`, `h` or `d`: `'250ms'`, `'5s'`, `'10m'`. */
export type DurationText = string;

/** What may be done in an app to see where it hangs. */
export type DiagnoseWord = 'inspector';

/** A text to find, a regular expression as `'/ready/i'`, or one with its parts named. */
export type BodyPattern = string | { readonly regex: string; readonly flags?: string };

/** A status such as `204`, or a range such as `'200-299'`. */
export type StatusText = number | string;

/** TLS settings of probes whose URL is https; `ca` is PEM text, `certFile` a path. */
export interface TlsBlock {
  readonly ca?: string;
  readonly certFile?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Does the port, or the Unix socket, accept connections? A hung app still does. */
export type TcpBlock =
  | { readonly host: string; readonly port: number | string }
  | { readonly socket: string };

/**
 * Does this URL give the expected answer? With `socket`, the path of a Unix socket or a Windows pipe, it is
 * asked there; the URL then gives only the path and the `Host` header.
 */
export interface HttpBlock extends TlsBlock {
  readonly url: string;
  readonly socket?: string;
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
  /** Also check that hot reload works. A failure is reported, never a reason to restart. */
  readonly hmr?: boolean;
}

/** Does this WebSocket open and give the expected answer? Each text message is searched for `expect`. */
export interface WebSocketBlock extends TlsBlock {
  readonly url: string;
  readonly socket?: string;
  readonly protocol?: string;
  readonly send?: string;
  readonly expect?: BodyPattern;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Does the app send heartbeats over PM2? It promises at least one within `every`. */
export interface HeartbeatBlock {
  readonly every: DurationText;
}

/** Does this program exit with code 0? There is no shell; a relative `cwd` starts at the app's folder. */
export interface ExecBlock {
  readonly command: string | readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Who may hold the probed port: only the app, or any process. */
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
 * The `env_liveness` block of an app in an ecosystem file: exactly one probe, the rest is optional. `${NAME}`
 * in any text is replaced from the app's own PM2 env; `$${` is a plain `${`.
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
  /** Reported, never a reason to restart: answers that take longer than this. */
  readonly slow?: DurationText;
  /** `/health/<app>` is 503 for this long before a restart that can wait. */
  readonly drain?: DurationText;
  /** Names of PM2 apps, and URLs with tcp, http, https, ws or wss. */
  readonly dependsOn?: string | readonly string[];
  /** Which channels get messages about the app: all (`true`), none (`false`), or those with these names. */
  readonly notify?: boolean | string | readonly string[];
  /** How the monitor may look into an app that hangs and has no agent. */
  readonly diagnose?: DiagnoseWord;
  /** Whether a restart for `maxTreeMemory` is preceded by a heap snapshot of an app with the agent. */
  readonly heapSnapshot?: boolean;
}
