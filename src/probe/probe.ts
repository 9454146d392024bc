import type { LightAbortSignal } from '../time/light-abort.ts';

/** What was wrong with the target, in the words of DESIGN §3. */
export type FailureClass =
  | 'refused'
  | 'timeout'
  | 'reset'
  | 'status'
  | 'body'
  | 'exec'
  | 'memory'
  | 'signature'
  | 'source'
  | 'misconfig'
  | 'impostor'
  | 'orphan'
  /** Not a sample's: a process of the app could not be ended. */
  | 'stuck';

/** Why nothing was learned about the target; such a sample is never counted. */
export type UnknownCause =
  /** The name did not resolve. */
  | 'dns'
  /** The checker's machine is out of descriptors, ports, memory or processes. */
  | 'resources'
  /** The checker's machine has no route or no permission to ask. */
  | 'network'
  /** A slow part of the probe is still running; its answer comes with a later sample. */
  | 'pending'
  /** What would have shown the target's state was not heard all the time. */
  | 'unheard'
  /** An expression of the user's takes too long on what the target answers. */
  | 'expression'
  /** Our judging of its answer took so long that nobody's answer was heard meanwhile. */
  | 'judging'
  /** The probe was stopped by us. */
  | 'aborted'
  /** The probe itself is broken (a bug, or a command that does not exist). */
  | 'broken-probe';

/** How long each stage of one probe took, in milliseconds; stages not reached are absent. */
export interface ProbeTimings {
  resolveMs?: number;
  connectMs?: number;
  tlsMs?: number;
  firstByteMs?: number;
  transferMs?: number;
}

/** What one probe found; `detail` is one short line for a person. */
export type Outcome =
  | { readonly kind: 'ok'; readonly detail: string; readonly timings?: ProbeTimings }
  | {
      readonly kind: 'fail';
      readonly class: FailureClass;
      readonly detail: string;
      readonly timings?: ProbeTimings;
    }
  | { readonly kind: 'unknown'; readonly cause: UnknownCause; readonly detail: string };

/**
 * An outcome with the monotonic time at which the probe began and how long it took. `from` is the
 * address that answered, be it well or ill; absent where none did, or where no address is asked.
 */
export type Sample = Outcome & {
  readonly at: number;
  readonly durationMs: number;
  readonly from?: string;
};

/** One way of asking one target whether it works; bound to its options. */
export interface Probe {
  /**
   * Asks once over a fresh connection. An unhealthy target is a value.
   * Must end as soon as `signal` aborts (that is the deadline). A failure that it returns at once
   * then is taken, because the probe knows what it was waiting for; an `ok` is not.
   */
  run(context: ProbeContext): Promise<Outcome>;
  /** Ends background work, if the probe has any. Idempotent. */
  stop(): void;
}

/** What a probe gets for one run. */
export interface ProbeContext {
  readonly signal: LightAbortSignal;
  readonly timeoutMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Hears how long an answer kept the event loop while it was judged, see `measureJudging`. */
  readonly noteJudging?: ((ms: number) => void) | undefined;
  /** The address that answered last: written by what asks, for the sample. */
  from?: string | undefined;
}

/** What the probes have in common that ask an address. */
export interface AddressOptions {
  /** The addresses to ask in place of those to which the host's name leads. */
  readonly addresses?: readonly string[];
}

/** Options of the `tcp` probe: does anything accept on `host:port`? */
export interface TcpOptions extends AddressOptions {
  readonly type: 'tcp';
  readonly host: string;
  readonly port: number;
}

/** TLS options of probes that speak https. */
export interface TlsOptions {
  readonly ca?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Inclusive range of HTTP status codes. */
export type StatusRange = readonly [from: number, to: number];

/** Options of the `http` probe. `body` and `bodyNot` are a text to find or a regular expression. */
export interface HttpOptions extends AddressOptions {
  readonly type: 'http';
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: readonly StatusRange[];
  readonly body?: string | RegExp;
  readonly bodyNot?: string | RegExp;
  readonly tls?: TlsOptions;
}

/** Options of the `vite` probe. `url` is the dev server's base, with a slash at its end. */
export interface ViteOptions extends AddressOptions {
  readonly type: 'vite';
  readonly url: string;
  readonly deepPeriodMs: number;
  readonly deepTimeoutMs: number;
  /** Whether the deep check asks too if hot reload reaches the browser. */
  readonly hmr?: boolean;
  readonly tls?: TlsOptions;
}

/** Options of the `websocket` probe. `expect` is looked for in each text message that comes. */
export interface WebSocketOptions extends AddressOptions {
  readonly type: 'websocket';
  readonly url: string;
  /** The subprotocol that the server must choose. */
  readonly protocol?: string;
  /** A text message to send once the connection is open. */
  readonly send?: string;
  readonly expect?: string | RegExp;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: TlsOptions;
}

/** Options of the `exec` probe: a program with its arguments; exit code 0 is success. */
export interface ExecOptions {
  readonly type: 'exec';
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Options of the `heartbeat` probe: the app says at least every `everyMs` that it is alive. */
export interface HeartbeatOptions {
  readonly type: 'heartbeat';
  readonly everyMs: number;
}

/** Everything needed to make a probe; `type` names the file that holds it. */
export type ProbeOptions =
  | TcpOptions
  | HttpOptions
  | ViteOptions
  | ExecOptions
  | WebSocketOptions
  | HeartbeatOptions;
