import { bad, ok, type Check } from '../finding.ts';

const CHECK = 'settings';

/** Has any app a block, and can each be used? */
export const blocksValid: Check = ({ apps }) => {
  const withBlock = apps.filter(({ process }) => process.block !== undefined);
  if (withBlock.length === 0) {
    return [
      bad(
        CHECK,
        'no app has an env_liveness block, so nothing is watched',
        'pm2-liveness init (adds one), then pm2 restart ecosystem.config.cjs',
      ),
    ];
  }
  const refused = withBlock.filter(({ problems }) => problems.length > 0);
  if (refused.length > 0) {
    return refused.map(({ process, problems }) =>
      bad(
        CHECK,
        `${process.name}: ${problems.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
        'correct it in the ecosystem file, then pm2 restart ecosystem.config.cjs',
      ),
    );
  }
  const names = [...new Set(withBlock.map(({ process }) => process.name))];
  return [ok(CHECK, `those of ${names.join(', ')} can be used`)];
};
