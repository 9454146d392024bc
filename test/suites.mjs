// Which test files belong to which suite, as words for run.mjs; a leading `!` leaves out.

/** Played beside `npm test`: each needs a real PM2, other programs or minutes of its own. */
const ELSEWHERE = ['integration', 'slow', 'chaos', 'install', 'recipes', 'browser'];

/** Unit tests that cost many seconds each: they compile, lint, start shells or kill by the dozen. */
const SLOW_UNITS = [
  'bounds.test.ts',
  'cli/completions',
  'config/ecosystem-types.test.ts',
  'import-walls.test.ts',
  'leader/lock-stress.test.ts',
  'notify/flood.test.ts',
  'notify/kill.test.ts',
  'store/kill.test.ts',
];

/** Tests on a real PM2 that `npm test` has no time for: about half of a minute each. */
const SLOW_INTEGRATION = [
  'disk',
  'guard',
  'init-untouched',
  'monitor',
  'notify',
  'pm2-wait',
  'socket',
  'truth',
  'uninstall',
  'uptime',
  'watch',
].map((name) => `integration/${name}.test.ts`);

export const SUITES = {
  unit: [...ELSEWHERE, ...SLOW_UNITS].map((folder) => `!${folder}`),
  integration: ['integration', ...SLOW_INTEGRATION.map((file) => `!${file}`)],
  slow: ['slow', ...SLOW_UNITS, ...SLOW_INTEGRATION],
};
