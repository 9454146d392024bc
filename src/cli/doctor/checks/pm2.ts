import { bad, ok, type Check } from '../finding.ts';

const PM2 = 'PM2';
/** The oldest daemon that the tests run under. */
const OLDEST = 6;

/** Is this package tested with the daemon's version? */
export const pm2Version: Check = ({ pm2Version: version, pm2Home }) => {
  const major = Number(/^v?(\d+)\./.exec(version)?.[1] ?? Number.NaN);
  if (major >= OLDEST) return [ok(PM2, `${version} answers (${pm2Home})`)];
  return [
    bad(
      PM2,
      `the daemon has version ${version}; pm2-liveness is tested with ${OLDEST} and later`,
      'npm install -g pm2@latest && pm2 update',
    ),
  ];
};

const PS = 'ps';

/** Can PM2's daemon find `ps`, which it needs to stop process trees? */
export const psPresent: Check = ({ isPsMissing }) => [
  isPsMissing
    ? bad(
        PS,
        'the program ps is not in the PATH of the PM2 daemon, which needs it to stop process trees',
        'sudo apt-get install procps (or the package that has ps on your system); if ps is installed: pm2 update in a shell that finds it',
      )
    : ok(PS, 'PM2 finds it'),
];
