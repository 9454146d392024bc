/** One mistake in a block, or one combination, and exactly what is said about it. */
export interface BadBlock {
  readonly mistake: string;
  readonly block: unknown;
  readonly problems: readonly string[];
}

const tcp = 'localhost:3000';
const keysOfBlock =
  'tcp, http, vite, exec, websocket, heartbeat, period, fastPeriod, startupPeriod, startupTimeout, timeout, ' +
  'failureThreshold, successThreshold, busyGrace, action, restarts, portOwner, reapOrphans, maxTreeMemory, slow, drain, dependsOn, notify, diagnose, heapSnapshot';

/** Mistakes outside the probe. */
export const badSettings: readonly BadBlock[] = [
  {
    mistake: 'a block that is text',
    block: 'http://localhost:3000',
    problems: [
      "env_liveness: got 'http://localhost:3000'; write an object, like { tcp: '127.0.0.1:3000' }",
    ],
  },
  {
    mistake: 'a block that is null',
    block: null,
    problems: ["env_liveness: got null; write an object, like { tcp: '127.0.0.1:3000' }"],
  },
  {
    mistake: 'a list of blocks',
    block: [{ tcp }],
    problems: ["env_liveness: got a list; write an object, like { tcp: '127.0.0.1:3000' }"],
  },
  {
    mistake: 'no probe',
    block: {},
    problems: [
      "env_liveness: has no probe; write tcp, http, vite, exec, websocket or heartbeat, like tcp: '127.0.0.1:3000'",
    ],
  },
  {
    mistake: 'two probes',
    block: { tcp, http: 'http://localhost:3000/' },
    problems: ['env_liveness: has tcp and http; write exactly one of them'],
  },
  {
    mistake: 'a misspelled key',
    block: { tcp, perod: '5s' },
    problems: ["env_liveness.perod: unknown key; did you mean 'period'?"],
  },
  {
    mistake: 'a key in snake case',
    block: { tcp, failure_threshold: 3 },
    problems: ["env_liveness.failure_threshold: unknown key; did you mean 'failureThreshold'?"],
  },
  {
    mistake: 'a slow without a unit',
    block: { tcp, slow: 800 },
    problems: ["env_liveness.slow: got 800; write '800s' or '800ms'"],
  },
  {
    mistake: 'dependencies of all wrong kinds',
    block: { tcp, dependsOn: ['db', 7, '', '127.0.0.1:5432', 'postgres://u:p@db/x', 'tcp://db'] },
    problems: [
      "env_liveness.dependsOn[1]: got 7; write an app's name, or a list like ['db', 'tcp://127.0.0.1:5432']",
      "env_liveness.dependsOn[2]: got ''; write an app's name, or a list like ['db', 'tcp://127.0.0.1:5432']",
      "env_liveness.dependsOn[3]: got '127.0.0.1:5432'; write 'tcp://127.0.0.1:5432'",
      "env_liveness.dependsOn[4]: got 'postgres://…@db/x'; write a URL with tcp://, http://, https://, ws:// or wss://; for any other server its port, like 'tcp://127.0.0.1:5432'",
      "env_liveness.dependsOn[5]: got 'db'; write a host and a port, like '127.0.0.1:3000'",
    ],
  },
  {
    mistake: 'a channel name that none can have',
    block: { tcp, notify: ['phone', 'my phone'] },
    problems: [
      "env_liveness.notify: got 'my phone'; write true, false or the names of channels, like ['phone']",
    ],
  },
  {
    mistake: 'a channel that is a number',
    block: { tcp, notify: 7 },
    problems: [
      "env_liveness.notify: got 7; write true, false or the names of channels, like ['phone']",
    ],
  },
  {
    mistake: 'a key from another world',
    block: { tcp, colour: 'red' },
    problems: [`env_liveness.colour: unknown key; the keys here are ${keysOfBlock}`],
  },
  {
    mistake: 'a key that is no name',
    block: { tcp, 'a\nb': 1 },
    problems: [`env_liveness['a\\u{a}b']: unknown key; the keys here are ${keysOfBlock}`],
  },
  {
    mistake: 'a duration as a number',
    block: { tcp, period: 5 },
    problems: ["env_liveness.period: got 5; write '5s' or '5ms'"],
  },
  {
    mistake: 'a duration as digits',
    block: { tcp, timeout: '2000' },
    problems: ["env_liveness.timeout: got '2000'; write '2000s' or '2000ms'"],
  },
  {
    mistake: 'a duration with an unknown unit',
    block: { tcp, period: '5 sec' },
    problems: [
      "env_liveness.period: got '5 sec'; write a number with a unit (ms, s, m, h or d), like '5s'",
    ],
  },
  {
    mistake: 'a period too short',
    block: { tcp, period: '5ms' },
    problems: ["env_liveness.period: got '5ms'; write at least '50ms'"],
  },
  {
    mistake: 'a timeout of zero',
    block: { tcp, timeout: '0s' },
    problems: ["env_liveness.timeout: got '0s'; write at least '10ms'"],
  },
  {
    mistake: 'a timeout too long',
    block: { tcp, timeout: '1h' },
    problems: ["env_liveness.timeout: got '1h'; write at most '10m'"],
  },
  {
    mistake: 'a startupTimeout too long',
    block: { tcp, startupTimeout: '8d' },
    problems: ["env_liveness.startupTimeout: got '8d'; write at most '7d'"],
  },
  {
    mistake: 'a fastPeriod longer than the period',
    block: { tcp, period: '2s', fastPeriod: '10s' },
    problems: ["env_liveness.fastPeriod: got '10s'; write at most period ('2s'), or raise period"],
  },
  {
    mistake: 'a startupPeriod longer than startupTimeout',
    block: { tcp, startupPeriod: '5m' },
    problems: [
      "env_liveness.startupPeriod: got '5m'; write at most startupTimeout ('2m'), or raise startupTimeout",
    ],
  },
  {
    mistake: 'a threshold of zero',
    block: { tcp, failureThreshold: 0 },
    problems: ['env_liveness.failureThreshold: got 0; write a whole number from 1 to 100'],
  },
  {
    mistake: 'a block as text without quotes',
    block: '{http: "http://user:pass@127.0.0.1/"}',
    problems: [
      'env_liveness: got text that is not valid JSON (wrong at character 2); write an object, or its JSON with keys and texts in double quotes: {"http":"http://127.0.0.1:3000/"}',
    ],
  },
  {
    mistake: 'a block as text of another kind',
    block: '[{"tcp":"127.0.0.1:1"}]',
    problems: ["env_liveness: got a list; write an object, like { tcp: '127.0.0.1:3000' }"],
  },
  {
    mistake: 'a block as text with a mistake in it',
    block: '{"tcp":"127.0.0.1:1","failureThreshold":"3"}',
    problems: ["env_liveness.failureThreshold: got '3'; write the number 3, without quotes"],
  },
  {
    mistake: 'a block as text that is too long',
    block: `{"tcp":"127.0.0.1:1"${' '.repeat(70_000)}}`,
    problems: [
      'env_liveness: got text that has 70021 characters, more than 65536; write an object, or its JSON with keys and texts in double quotes: {"http":"http://127.0.0.1:3000/"}',
    ],
  },
  {
    mistake: 'a threshold as text',
    block: { tcp, failureThreshold: '3' },
    problems: ["env_liveness.failureThreshold: got '3'; write the number 3, without quotes"],
  },
  {
    mistake: 'a threshold with a fraction',
    block: { tcp, successThreshold: 1.5 },
    problems: ['env_liveness.successThreshold: got 1.5; write a whole number from 1 to 100'],
  },
  {
    mistake: 'an unknown action',
    block: { tcp, action: 'kill' },
    problems: ["env_liveness.action: got 'kill'; write 'restart', 'reload' or 'observe'"],
  },
  {
    mistake: 'an unknown owner of the port',
    block: { tcp, portOwner: 'proxy' },
    problems: ["env_liveness.portOwner: got 'proxy'; write 'app' or 'any'"],
  },
  {
    mistake: 'a flag as text',
    block: { tcp, reapOrphans: 'false' },
    problems: ["env_liveness.reapOrphans: got 'false'; write false, without quotes"],
  },
  {
    mistake: 'a size as a number',
    block: { tcp, maxTreeMemory: 512 },
    problems: [
      "env_liveness.maxTreeMemory: got 512; write a number with a unit (K, M or G), like '512M'",
    ],
  },
  {
    mistake: 'a size too small',
    block: { tcp, maxTreeMemory: '64K' },
    problems: ["env_liveness.maxTreeMemory: got '64K'; write at least '1M'"],
  },
  {
    mistake: 'restarts as a number',
    block: { tcp, restarts: 5 },
    problems: ["env_liveness.restarts: got 5; write an object, like { limit: 5, within: '10m' }"],
  },
  {
    mistake: 'a misspelled key of restarts',
    block: { tcp, restarts: { widthin: '1m' } },
    problems: ["env_liveness.restarts.widthin: unknown key; did you mean 'within'?"],
  },
  {
    mistake: 'a budget of nothing',
    block: { tcp, restarts: { limit: 0 } },
    problems: ['env_liveness.restarts.limit: got 0; write a whole number from 1 to 100'],
  },
  {
    mistake: 'waits longer than their cap',
    block: { tcp, restarts: { maxBackoff: '2h', cooldown: '90m', maxCooldown: '1h' } },
    problems: [
      "env_liveness.restarts.maxBackoff: got '2h'; write at most maxCooldown ('1h'), or raise maxCooldown",
      "env_liveness.restarts.cooldown: got '90m'; write at most maxCooldown ('1h'), or raise maxCooldown",
    ],
  },
  {
    mistake: 'a variable that is not set',
    block: { tcp: '127.0.0.1:${PORTT}' },
    problems: [
      'env_liveness.tcp: ${PORTT} is not set for this app; set env: { PORTT: … } in its ecosystem file',
    ],
  },
  {
    mistake: 'a variable that is not text',
    block: { http: { url: 'http://localhost/', headers: { 'x-a': '${axm_options}' } } },
    problems: [
      "env_liveness.http.headers['x-a']: ${axm_options} is not set for this app; set env: { axm_options: … } in its ecosystem file",
    ],
  },
  {
    mistake: 'a broken reference',
    block: { tcp: '127.0.0.1:${PORT' },
    problems: ["env_liveness.tcp: '${' without a name; write '${PORT}', or '$${' for '${'"],
  },
  {
    mistake: 'a variable with an unusable value',
    block: { tcp: 'localhost:${WORD}' },
    problems: ["env_liveness.tcp: got 'localhost:${WORD}'; write a port from 1 to 65535"],
  },
  {
    mistake: 'several mistakes at once',
    block: { http: { url: 'x', staus: 200 }, vite: 5, timeout: 2, restarts: { limit: '5' } },
    problems: [
      "env_liveness.http.url: got 'x'; write it with its protocol, like 'http://127.0.0.1:3000/'",
      "env_liveness.http.staus: unknown key; did you mean 'status'?",
      "env_liveness.vite: got 5; write a URL, like 'http://127.0.0.1:3000/'",
      "env_liveness.timeout: got 2; write '2s' or '2ms'",
      "env_liveness.restarts.limit: got '5'; write the number 5, without quotes",
      'env_liveness: has http and vite; write exactly one of them',
    ],
  },
];
