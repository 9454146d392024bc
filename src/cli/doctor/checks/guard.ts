import { durationText } from '../../../text/duration-text.ts';
import { LATE_MS, startLine } from '../../guard/timers.ts';
import { bad, note, ok, type Check } from '../finding.ts';

const GUARD = 'guard';

/** Does something outside PM2 look whether PM2 itself runs? */
export const guard: Check = ({ guard: facts }) => {
  if (facts === undefined) return [];
  const { timer, lookAgeMs, trouble } = facts;
  const isLate = lookAgeMs === null || lookAgeMs > LATE_MS;
  // Another program may call it, such as cron.
  if (timer === null && isLate) {
    return [
      note(
        GUARD,
        'nothing outside PM2 looks whether PM2 itself runs (docs/GUARD.md)',
        'npx pm2-liveness guard install',
      ),
    ];
  }
  if (timer?.isActive === false) return [bad(GUARD, `${timer.name} is off`, startLine(timer))];
  const age = lookAgeMs === null ? null : durationText(Math.round(lookAgeMs / 1_000) * 1_000);
  if (timer !== null && isLate) {
    const service = timer.name.replace(/\.timer$/, '.service');
    const journal = `journalctl ${timer.isUserUnit ? '--user ' : ''}-n 20 -u ${service}`;
    const last = age === null ? 'it has not looked yet' : `its last look was ${age} ago`;
    return [bad(GUARD, `${timer.name} is on, but ${last}`, journal)];
  }
  if (trouble !== null) return [bad(GUARD, trouble, 'npx pm2-liveness guard status')];
  return [ok(GUARD, `the guard looked ${age} ago`)];
};
