import type { LivenessBlock, RestartsBlock } from './block.ts';

/** What each key of a block means, for the JSON Schema; a test holds README's table to it. */
export const blockMeanings = {
  tcp: "does anything accept connections here? `'127.0.0.1:5432'` or `{ host, port }`",
  http: "does this URL answer as it should? `'http://127.0.0.1:3000/health'` or `{ url, … }`",
  vite: "does this Vite dev server serve pages and modules? `'http://127.0.0.1:5173/'` or `{ url, … }`",
  exec: "does this program end with code 0? `'node check.js'`, `['node', 'check.js']` or `{ command, … }`; no shell",
  websocket: 'whether a WebSocket opens: a URL, or an object',
  heartbeat:
    "does the app say over PM2, at least so often, that it is alive? `'5s'` or `{ every: '5s' }`",
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
