import { bad, ok, type Check } from '../finding.ts';

const CHECK = 'PM2';
/** The oldest daemon that the tests run under. */
const OLDEST = 6;

/** Is the daemon of a version that this package is tested with? */
export const pm2Version: Check = ({ pm2Version: version, pm2Home }) => {
  const major = Number(/^v?(\d+)\./.exec(version)?.[1] ?? Number.NaN);
  if (major >= OLDEST) return [ok(CHECK, `${version} answers (${pm2Home})`)];
  return [
    bad(
      CHECK,
      `the daemon is of version ${version}; tested are ${OLDEST} and later`,
      'npm install -g pm2@latest && pm2 update',
    ),
  ];
};
