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
  'store/kill.test.ts',
];

export const SUITES = {
  unit: [...ELSEWHERE, ...SLOW_UNITS].map((folder) => `!${folder}`),
  integration: ['integration'],
  slow: ['slow', ...SLOW_UNITS],
};
