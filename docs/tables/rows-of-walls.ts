import { CLI_ROWS, type Row } from './rows-of-cli-walls.ts';
import { TELLING_ROWS } from './rows-of-telling-walls.ts';

/** What all but the lowest rooms may import. */
export const BASE = ['errors.ts', 'text', 'time'] as const;

/** Read by walls.ts, which the lint rules and docs/DESIGN.md are made of. */
export const ROWS: readonly Row[] = [
  // Below everything.
  ['errors.ts', 'typed errors with stable codes', ''],
  ['text', 'texts that others chose, made safe to show; JSON, durations, the nearest word', ''],
  ['time', 'the clock, deadlines, sleeping, a light AbortController, disk writes in turn', ''],
  ['heartbeat.ts', 'what an app imports to send heartbeats (`pm2-liveness/heartbeat`)', ''],

  [
    'agent',
    'what an app loads by `--import pm2-liveness/agent`: its thread, its socket, what it answers; and who asks it',
    'base control/socket-path.ts control/trusted-socket.ts leader/is-listening.ts os/linux/stat.ts',
  ],

  // The flow.
  [
    'probe',
    'ask: what a probe and a sample are, the registry, the runner with its deadline, tcp, heartbeat',
    'base os/signal/own-group.ts',
  ],
  [
    'probe/net',
    'connecting: the race of addresses, TLS, what a connection error means',
    'base',
    'probe probe/http',
  ],
  [
    'probe/http',
    'the http probe: request, exchange, redirects, what the body must hold',
    'base probe/net probe/expression probe/source',
    'probe',
  ],
  [
    'probe/source',
    "what a dev server's error page says about the user's source: Vite's, Next's, Nuxt's",
    'base',
  ],
  ['probe/expression', "users' expressions, in a thread of its own", 'base probe probe/http'],
  ['probe/websocket', 'the websocket probe', 'base probe/net probe/http probe/expression', 'probe'],
  [
    'probe/vite',
    "the vite probe: ping, the deep check of the page and its modules, Vite's error page",
    'base probe probe/http probe/source probe/websocket',
  ],
  [
    'probe/exec',
    "the exec probe: a command as the app's user, in a process group of its own",
    'base probe/net os/signal/own-group.ts',
    'probe',
  ],
  ['verdict', 'decide: the pure state machine; `step.ts` is its table of contents', '', 'probe'],
  ['verdict/pm2-fault', 'apps that PM2 could not start (lost) or stop (stuck)', 'verdict', 'probe'],
  ['verdict/start', 'starts that the app makes itself, without PM2', 'verdict', 'probe'],
  [
    'verdict/incident',
    'when an incident begins and ends',
    'verdict verdict/dependency verdict/pm2-fault',
    'probe',
  ],
  ['verdict/dependency', 'how an app is held while what it needs is down', 'verdict', 'probe'],
  ['verdict/unknown', 'nothing can be judged: unfit monitor, no result', 'verdict', 'probe'],
  ['verdict/deploy', 'restarts held by a deploy; a save that ends the wait', 'verdict', 'probe'],
  [
    'action',
    'act: a restart through PM2, old processes stopped, an operator who acts at the same time',
    'base os pm2',
    'verdict',
  ],
  [
    'report',
    'show: status, sentences, next steps, log, metrics',
    'base verdict uptime',
    'probe action config pm2 target',
  ],

  ['report/schema', 'the JSON Schemas of the status document and of `/api/incidents`', 'base'],

  // What the flow rests on.
  [
    'config',
    'settings: blocks, overrides, the ecosystem file, interpolation',
    'base',
    'probe verdict',
  ],
  [
    'config/schema',
    'each setting with its default and its form',
    'base config config/secrets config/json-schema',
    'probe verdict',
  ],
  [
    'config/json-schema',
    'the JSON Schema, and what each setting means in words',
    'base config config/schema',
  ],
  ['config/secrets', 'what of the settings is never shown', 'base config', 'probe'],
  ['os', 'processes, ports and users of this machine; one reader for each system', 'base'],
  ['os/linux', '/proc', 'base os'],
  ['os/darwin', '`ps` and `lsof`', 'base os'],
  ['os/windows', 'PowerShell', 'base os'],
  [
    'os/signal',
    'the one `process.kill`, behind a proof whose pid it is; a tree or a group of ours stopped',
    'base os os/linux',
  ],
  ['os/users', 'names and ids of users; the user of a process', 'base os'],
  ['os/boot', 'does PM2 start after a reboot, and the commands for it', 'base os'],
  ['pm2', 'the only folder that calls PM2 and @pm2/io', 'base'],
  [
    'store',
    'files under PM2_HOME/pm2-liveness: state.json, the incident journal, watched.json',
    'base leader/private-dir.ts',
  ],
  [
    'leader',
    'which monitor leads: lock, lease, claims; the guard of our private folder',
    'base',
    'control',
  ],
  [
    'control',
    'the control socket: server, routes, commands, client',
    'base config leader report',
    'probe',
  ],
  ...TELLING_ROWS,

  // The monitor.
  [
    'target',
    'what PM2 says of a target: which processes it is, which block, as which user',
    'base config os pm2 probe verdict',
  ],
  ['target/restarts', 'why PM2 restarted a target', 'base config pm2 verdict', 'target'],
  [
    'diagnosis',
    'why a sample is as it is: who holds the port, a debugger, CPU, memory',
    'base config os pm2 probe target',
    'verdict',
  ],
  [
    'diagnosis/closed-port',
    'why nothing listens: the app starts itself again, a watcher that waits, another port',
    'base config diagnosis os probe target',
    'verdict',
  ],
  [
    'diagnosis/first-build',
    'whether an app does not come up because its source does not compile',
    'base config diagnosis/closed-port os',
    'probe target',
  ],
  [
    'diagnosis/block',
    'whether the block is wrong rather than the app',
    'base config os probe target',
    'diagnosis',
  ],
  [
    'diagnosis/hang',
    'what an app does that does not answer: one sentence, and its stack',
    'base agent config diagnosis diagnosis/inspector os target',
  ],
  [
    'diagnosis/heap',
    'what fills the heap of an app that uses too much memory, and its snapshots',
    'base agent config os target',
  ],
  [
    'diagnosis/inspector',
    "what Node's inspector in an app says of its main thread, where it is open or may be opened",
    'base agent os probe/websocket/frames.ts',
  ],
  ['diagnosis/deploy', 'whether somebody works on the files of an app', 'base os', 'pm2 verdict'],
  ['diagnosis/saves', 'what changes around an app that is down', 'base diagnosis/deploy os', 'pm2'],
  ['uptime', 'how much of the observed time an app was up', 'base verdict', 'probe'],
  [
    'history',
    'what is written when an incident begins and ends, and what outlives the monitor',
    'base config os report store target uptime verdict',
    'pm2',
  ],
  [
    'history/series',
    'how long each app was up, down or unobserved in the last 90 days, and its response times',
    'base config leader/private-dir.ts store uptime',
  ],
  [
    'monitor',
    "a worker for each target in PM2's list; the holds on restarts that all targets share",
    'base config diagnosis history pm2 probe target uptime verdict',
    'action report',
  ],
  [
    'monitor/worker',
    'the loop of one target: probe, diagnose, step, order a restart',
    'base config diagnosis history monitor probe target uptime verdict',
    'action report',
  ],
  [
    'monitor/dependency',
    'the state of what the apps depend on: other apps by their verdicts, URLs by probes',
    'base config monitor/worker pm2 probe target verdict',
    'monitor report',
  ],

  // The ends.
  [
    'leader-session.ts',
    'from becoming leader to losing the lock: puts the parts of the monitor together',
    'base action config diagnosis history leader-session-deps.ts listener monitor notify os pm2 report target',
    'probe',
  ],
  ['leader-session-deps.ts', 'what a leader session uses', '', 'config notify os pm2 report time'],
  [
    'host-watches.ts',
    'what of the machine the monitor watches: disks, memory, `ps`, the saved list; the event loops of the apps',
    'base agent monitor os pm2',
    'config report',
  ],
  [
    'supervisor.ts',
    'lead or stand by, for as long as the process runs',
    'base control host-watches.ts leader leader-session-deps.ts leader-session.ts monitor notify os pm2 report',
    'config',
  ],
  [
    'main.ts',
    'the app that PM2 runs: settings, connection, signals, exit',
    'base config notify pm2 report store supervisor.ts',
  ],
  ['index.ts', 'the public API; re-exports only', 'errors.ts config heartbeat.ts', 'probe verdict'],
  ...CLI_ROWS,
];
