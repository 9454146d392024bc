import { bad, ok, type Check } from '../finding.ts';

const CHECK = 'ps';

/** Does PM2's daemon find the program that it ends process trees with? */
export const psPresent: Check = ({ isPsMissing }) => [
  isPsMissing
    ? bad(
        CHECK,
        'the program ps is not in the PATH of the PM2 daemon, which ends process trees with it',
        'sudo apt-get install procps (elsewhere the package that has ps); if ps is there: pm2 update from a shell that finds it',
      )
    : ok(CHECK, 'PM2 finds it'),
];
