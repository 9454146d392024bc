import type { LivenessBlock, RestartsBlock } from '../block.ts';
import type { ProbeKey } from '../schema/schema.ts';

/** The meaning of each key of a block; used in the JSON Schema and the tables of docs/SETTINGS.md. */
export const blockMeanings = {
  tcp: 'checks only that the port accepts connections; **a hung app still passes**',
  http: 'checks that the URL answers with a good status (and body)',
  vite: 'checks that the Vite dev server serves its page and its modules',
  exec: "runs a program; exit code 0 is healthy. No shell; also as a list: `['node', 'check.js']`",
  websocket: 'checks that the WebSocket opens and sends what is expected',
  heartbeat:
    'the app itself reports over PM2 that it is alive, at least this often. In cluster mode this finds the one worker that hangs, and only that worker is restarted',
  period: 'time from the start of one probe to the start of the next, ±10 %',
  fastPeriod: 'the same as `period` while the app fails; at most `period`',
  startupPeriod:
    'the same as `period` until a new process has first answered; by default at most `period`',
  startupTimeout: 'how long a start may take',
  timeout: 'time limit of a whole probe: name lookup, connection and body',
  failureThreshold: 'failed probes in a row before the app counts as failed',
  successThreshold: 'good probes in a row before it counts as healthy again',
  action:
    '`restart` (in cluster mode a `reload` first); `reload` does the same; `observe` only decides and reports, and never restarts',
  restarts: 'the budget of restarts, and the waits between them',
  busyGrace: 'how long an app may use CPU without an answer before it counts as hung',
  portOwner:
    '`any`: do not check which process owns the port (reverse proxies, containers); then any answer counts as an answer of the app, and no orphan is found or stopped',
  reapOrphans: 'stop an old process of this app that still holds its port; `false` only reports it',
  slow: 'reports an app whose answers take longer than this (the median of a minute); never a restart',
  drain:
    'before a restart of ours for too much memory, `/health/<app>` is 503 for this long, at most `60s`, so that a load balancer moves first ([HTTP.md](HTTP.md)); off without it',
  dependsOn:
    "what the app cannot do without: names of PM2 apps, or URLs like `'tcp://127.0.0.1:5432'` (also `http`, `https`, `ws`, `wss`). While one of them is down, the app is neither restarted nor reported on its own",
  notify:
    "who gets messages about the app: `true`: all channels; `false`: none; or the names of channels, like `['phone']`",
  diagnose:
    "`'inspector'`: an app without the agent that does not answer may get SIGUSR1, which opens Node's inspector on loopback, where other users of the machine reach it too ([AGENT.md](AGENT.md)); off without it",
  heapSnapshot:
    '`true`: an app with the agent writes a heap snapshot before it is restarted for `maxTreeMemory`; it stands still for up to a minute, and the file has all that was in its memory, secrets too ([AGENT.md](AGENT.md)); off without it',
  maxTreeMemory:
    "`512M`, `1G`: for all processes of the app together, in cluster mode for those of each instance; PM2's `max_memory_restart` sees only the wrapper",
} as const satisfies Record<keyof LivenessBlock, string>;

/** The same for the keys of `restarts`. */
export const restartsMeanings = {
  limit: 'restarts allowed in any window of the length `within`',
  within: 'the window in which `limit` restarts are allowed',
  maxBackoff: 'the longest wait between two restarts',
  cooldown: 'wait before the next trial restart, when restarts did not help for the first time',
  maxCooldown: 'the longest value of this wait; it doubles after each failed trial',
} as const satisfies Record<keyof RestartsBlock, string>;

/** The keys of the object form of a probe. */
type ObjectForm<Key extends ProbeKey> = Exclude<
  NonNullable<LivenessBlock[Key]>,
  string | readonly string[]
>;

/** The keys of all members of a union. */
type KeysOf<Form> = Form extends unknown ? keyof Form : never;

const tlsMeanings = {
  ca: 'https and wss: the certificate to trust, as PEM text',
  certFile:
    "https and wss: the PEM file from which the app reads its certificate when it starts, relative to the app's folder. If the served one has expired and the file has a newer one, the app is restarted",
  servername: 'https and wss: the name that the certificate must contain',
  rejectUnauthorized: 'https and wss: `false` accepts any certificate',
} as const;

const patternMeaning = "a text, `'/regex/i'` or `{ regex, flags }`";

const socketMeaning =
  "in place of host and port: a Unix socket, like `'/run/api.sock'`, a relative path starts in the app's folder; on Windows a pipe";

/** The same for the keys of each probe's object form. */
export const probeMeanings = {
  tcp: {
    host: 'a name or an address; `localhost` is both 127.0.0.1 and ::1',
    port: 'a number, or `${PORT}`',
    socket: socketMeaning,
  },
  http: {
    url: 'the URL to request; redirects are followed on the same host only',
    socket: `${socketMeaning}; \`url\` then gives the path and the \`Host\` header, like \`http://localhost/health\``,
    method: '`GET`, `HEAD`, `OPTIONS` or `POST`',
    headers: 'an object; its values are never shown',
    status: "the statuses that are healthy: `204`, `'200-299'` or a list of these",
    body: `must be in the first 64 KiB of the body: ${patternMeaning}`,
    bodyNot: `must not be in the first 64 KiB of the body: ${patternMeaning}`,
    ...tlsMeanings,
  },
  vite: {
    url: "Vite's base; Vite's own ping is requested there every `period`",
    deepPeriod:
      'how often the page, its entry script and all modules these import are loaded, as a browser would: this shows whether the server or the source is broken',
    deepTimeout: 'time limit for all of that; never longer than `deepPeriod`',
    hmr: "`true` also opens hot reload's WebSocket; if that fails, the app is `degraded`, and not restarted for it",
    ...tlsMeanings,
  },
  exec: {
    command: 'a text or a list, the same as without the object',
    cwd: "the folder where it runs, relative to the app's folder",
    env: "an object, added to the app's environment; its values are never shown",
  },
  websocket: {
    url: 'a ws or wss URL',
    socket: socketMeaning,
    protocol: 'the subprotocol that the server must accept',
    send: 'a text to send when the connection is open',
    expect: `waits for a message that contains this: ${patternMeaning}`,
    headers: 'an object; its values are never shown',
    ...tlsMeanings,
  },
  heartbeat: { every: 'the longest time between two heartbeats' },
} as const satisfies {
  readonly [Key in ProbeKey]: Readonly<Record<KeysOf<ObjectForm<Key>>, string>>;
};

/** An example of each probe's short form. */
export const probeExamples = {
  tcp: '127.0.0.1:5432',
  http: 'http://127.0.0.1:3000/health',
  vite: 'http://127.0.0.1:5173/',
  exec: 'node check.js',
  websocket: 'ws://127.0.0.1:3000/live',
  heartbeat: '5s',
} as const satisfies Record<ProbeKey, string>;

/** The meanings of monitor settings that differ from those in a block. */
export const monitorMeanings = {
  log: '`text` or `json` (NDJSON)',
  notify:
    'who is notified: one URL or more, separated by spaces or line ends ([NOTIFY.md](NOTIFY.md))',
  ping: "the dead man's switch: a URL that is requested every minute while the monitor, PM2 and the disk are well ([NOTIFY.md](NOTIFY.md))",
  notify_file: 'a file with such lines, readable by its owner alone (`chmod 600`)',
  http: 'where the page, the metrics and the health of the apps are shown: a port of this machine like `9616`, or `host:port` ([HTTP.md](HTTP.md)); off without it',
  http_token:
    'the secret that opens it, of at least 16 characters; needed for an address that other machines reach',
  action: '`observe` makes the whole monitor a dry run',
} as const;
