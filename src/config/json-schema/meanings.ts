import type { LivenessBlock, RestartsBlock } from '../block.ts';
import type { ProbeKey } from '../schema/schema.ts';

/** What each key of a block means, for the JSON Schema and for README's tables, which are made of it. */
export const blockMeanings = {
  tcp: 'does anything accept connections here?',
  http: 'does this URL answer as it should?',
  vite: 'does this Vite dev server serve pages and modules?',
  exec: "does this program end with code 0? No shell; also as a list: `['node', 'check.js']`",
  websocket: 'does this WebSocket open, and say what it should?',
  heartbeat:
    'does the app itself say so often, over PM2, that it is alive? In cluster mode this tells the one worker that hangs from its siblings, which are left alone',
  period: 'from the start of one probe to the start of the next, ±10 %',
  fastPeriod: 'the same as `period` while the app fails; at most `period`',
  startupPeriod:
    'the same as `period` until a new process has first answered; follows a shorter `period`',
  startupTimeout: 'how long a start may take',
  timeout: 'the whole probe: name, connection and body',
  failureThreshold: 'this many bad samples in a row are a failure',
  successThreshold: 'this many good ones in a row are health',
  action:
    '`restart`, which in cluster mode begins with a `reload`; `reload`: the same, said outright; `observe`: decide and tell, never act',
  restarts: 'the budget of restarts, and the waits between them',
  busyGrace: 'how long an app may burn CPU without an answer before it counts as hung',
  portOwner:
    '`any`: it is not looked who holds the port, for a reverse proxy or a container engine is meant to; then whatever answers there speaks for the app, and no left-over is found or ended',
  reapOrphans: 'end a proven left-over of this app that holds its port; `false` only tells',
  maxTreeMemory:
    "`512M`, `1G`: for all processes of the app together, in cluster mode for those of each instance; PM2's `max_memory_restart` sees only the wrapper",
} as const satisfies Record<keyof LivenessBlock, string>;

/** The same for the keys of `restarts`. */
export const restartsMeanings = {
  limit: 'so many restarts in any window of the length `within`',
  within: 'the window in which `limit` restarts are allowed',
  maxBackoff: 'the longest wait between two restarts',
  cooldown: 'how long the breaker stays open at first',
  maxCooldown: 'how long the breaker stays open at most',
} as const satisfies Record<keyof RestartsBlock, string>;

/** What the object form of a probe is made of; with the key, what a person may write in its place. */
type ObjectForm<Key extends ProbeKey> = Exclude<
  NonNullable<LivenessBlock[Key]>,
  string | readonly string[]
>;

const tlsMeanings = {
  ca: 'https and wss: the certificate to trust, as PEM text',
  servername: 'https and wss: the name that the certificate must be for',
  rejectUnauthorized: 'https and wss: `false` takes any certificate',
} as const;

const patternMeaning = "a text, `'/regex/i'` or `{ regex, flags }`";

/** The same for the keys of each probe's object form. */
export const probeMeanings = {
  tcp: {
    host: 'a name or an address; `localhost` is both 127.0.0.1 and ::1',
    port: 'a number, or `${PORT}`',
  },
  http: {
    url: 'redirects are followed on the same host',
    method: '`GET`, `HEAD`, `OPTIONS` or `POST`',
    headers: 'an object; its values are never shown',
    status: "the good ones: `204`, `'200-299'` or a list of these",
    body: `must be in the first 64 KiB: ${patternMeaning}`,
    bodyNot: `must not be there: ${patternMeaning}`,
    ...tlsMeanings,
  },
  vite: {
    url: "Vite's base; its own ping is asked each `period`",
    deepPeriod:
      'how often the page, its entry script and all modules these import are loaded, as a browser would: this tells a broken server from a broken source',
    deepTimeout: 'how long that may take in all; follows a shorter `deepPeriod`',
    hmr: "`true` opens hot reload's WebSocket too; out of reach it is told (`degraded`), and never a reason to restart",
    ...tlsMeanings,
  },
  exec: {
    command: 'a text or a list, as without the object',
    cwd: "where it runs, from the app's folder on",
    env: "an object, on top of the app's environment; its values are never shown",
  },
  websocket: {
    url: 'ws or wss',
    protocol: 'the subprotocol that must be agreed on',
    send: 'said once it is open',
    expect: `waits for a message with this in it: ${patternMeaning}`,
    headers: 'an object; its values are never shown',
    ...tlsMeanings,
  },
  heartbeat: { every: 'the longest between two beats' },
} as const satisfies {
  readonly [Key in ProbeKey]: Readonly<Record<keyof ObjectForm<Key>, string>>;
};

/** Each probe in its short form, as it stands in a file. */
export const probeExamples = {
  tcp: '127.0.0.1:5432',
  http: 'http://127.0.0.1:3000/health',
  vite: 'http://127.0.0.1:5173/',
  exec: 'node check.js',
  websocket: 'ws://127.0.0.1:3000/live',
  heartbeat: '5s',
} as const satisfies Record<ProbeKey, string>;

/** What a setting of the monitor does that does more there than in a block, or is not in one. */
export const monitorMeanings = {
  log: '`text` or `json` (NDJSON)',
  action: '`observe` makes the whole monitor a dry run',
} as const;
