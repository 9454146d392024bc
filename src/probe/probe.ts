import type { LightAbortSignal } from '../time/light-abort.ts';
import type { SeenCertificate } from './net/certificate.ts';

/** What was wrong with the target (DESIGN §3). */
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
  /** An expired certificate is served, and a newer one lies on disk. */
  | 'certificate'
  /** Not from a sample: a process of the app could not be stopped. */
  | 'stuck'
  /** Not from a sample: PM2 could not start the app, and does nothing more about it. */
  | 'lost';

/** Why nothing was learned about the target; such a sample is never counted. */
export type UnknownCause =
  /** The name did not resolve. */
  | 'dns'
  /** This machine is out of descriptors, ports, memory or processes. */
  | 'resources'
  /** This machine has no route to the target, or no permission. */
  | 'network'
  /** A slow part of the probe is still running; its answer comes with a later sample. */
  | 'pending'
  /** Heartbeats could not be received all the time. */
  | 'unheard'
  /** A user's expression takes too long on the target's answer. */
  | 'expression'
  /** Judging the answer took so long that other answers were not received meanwhile. */
  | 'judging'
  /** We stopped the probe. */
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

/** What one probe found; `detail` is one short line for people. */
export type Outcome =
  | {
      readonly kind: 'ok';
      readonly detail: string;
      readonly timings?: ProbeTimings;
      /** The answer to the quick question alone, of a probe that has a deep check too. */
      readonly isShallow?: true;
    }
  | {
      readonly kind: 'fail';
      readonly class: FailureClass;
      readonly detail: string;
      readonly timings?: ProbeTimings;
      /** Found by the deep check: the quick question alone may well be answered all the same. */
      readonly isDeep?: true;
      /** The HTTP status of an answer that was not the wanted one. */
      readonly status?: number;
      /** The server's own certificate has expired, and is verified. */
      readonly isExpired?: true;
      /** What was started does not come up by itself any more: there is no start to wait for. */
      readonly isFinal?: true;
      /** A signal has stopped the process that would answer, and it does not go on by itself: this is proof enough. */
      readonly isStopped?: true;
    }
  | { readonly kind: 'unknown'; readonly cause: UnknownCause; readonly detail: string };

/**
 * An outcome with the start of the probe (`at`, monotonic milliseconds) and its duration. `from` is the
 * address that answered, well or not; absent where none did, or where the probe has no address.
 */
export type Sample = Outcome & {
  readonly at: number;
  readonly durationMs: number;
  readonly from?: string;
};

/** One way to ask one target whether it works, with its options. */
export interface Probe {
  /**
   * Asks once over a new connection. An unhealthy target is a value, not an error. Must finish as soon as
   * `signal` aborts (the deadline). A failure that it returns just then counts, because the probe knows what
   * it waited for; an `ok` does not.
   */
  run(context: ProbeContext): Promise<Outcome>;
  /** The certificate of the server, as the last handshake had it; undefined where there is no TLS. */
  readonly certificate?: SeenCertificate | undefined;
  /** Stops background work, where the probe has any. Idempotent. */
  stop(): void;
}

/** The clock, deadline and hooks of one run. */
export interface ProbeContext {
  readonly signal: LightAbortSignal;
  readonly timeoutMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** The deep check found the app broken: a good answer to the quick question is not enough. */
  readonly needsDeep?: boolean;
  /**
   * Called with the milliseconds for which judging an answer blocked the event loop, see `measureJudging`.
   */
  readonly noteJudging?: ((ms: number) => void) | undefined;
  /** The address that answered last, written by the probe for the sample. */
  from?: string | undefined;
}

/** Options of all probes that ask an address. */
export interface AddressOptions {
  /** The addresses to ask instead of those of the host's name. */
  readonly addresses?: readonly string[];
}

/** Options of probes that can ask a Unix socket or a Windows pipe in place of host and port. */
export interface SocketOptions {
  /** The path; relative only where the app's folder is not known. */
  readonly socket?: string;
}

/**
 * Options of the `tcp` probe, which checks that something accepts on `host:port` or on a socket. With a socket
 * the host is not used, and the port is 0.
 */
export interface TcpOptions extends AddressOptions, SocketOptions {
  readonly type: 'tcp';
  readonly host: string;
  readonly port: number;
}

/** TLS options of probes that speak https. */
export interface TlsOptions {
  readonly ca?: string;
  /** The file from which the app takes its certificate, as an absolute path. */
  readonly certFile?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Inclusive range of HTTP status codes. */
export type StatusRange = readonly [from: number, to: number];

/** Options of the `http` probe. `body` and `bodyNot` are a text to find or a regular expression. */
export interface HttpOptions extends AddressOptions, SocketOptions {
  readonly type: 'http';
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: readonly StatusRange[];
  readonly body?: string | RegExp;
  readonly bodyNot?: string | RegExp;
  readonly tls?: TlsOptions;
}

/** Options of the `vite` probe. `url` is the dev server's base and ends with a slash. */
export interface ViteOptions extends AddressOptions {
  readonly type: 'vite';
  readonly url: string;
  readonly deepPeriodMs: number;
  readonly deepTimeoutMs: number;
  /** True where the deep check also checks that hot reload works. */
  readonly hmr?: boolean;
  readonly tls?: TlsOptions;
}

/** Options of the `websocket` probe. Each text message is searched for `expect`. */
export interface WebSocketOptions extends AddressOptions, SocketOptions {
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

/** Options of the `heartbeat` probe: the app sends a heartbeat at least every `everyMs`. */
export interface HeartbeatOptions {
  readonly type: 'heartbeat';
  readonly everyMs: number;
}

/** The options of any probe; `type` is the name of its file. */
export type ProbeOptions =
  | TcpOptions
  | HttpOptions
  | ViteOptions
  | ExecOptions
  | WebSocketOptions
  | HeartbeatOptions;
