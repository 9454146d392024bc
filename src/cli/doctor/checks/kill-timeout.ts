import { durationText } from '../../../text/duration-text.ts';
import type { AppFacts } from '../facts.ts';
import { note, okIfNone, type Check, type Finding } from '../finding.ts';

const CHECK = 'stop time';
/** Longer than any dev server needs to exit. */
const LONG_MS = 10_000;

/** Is a dev server that hangs killed soon? PM2 waits for its whole `kill_timeout` first. */
export const killTimeout: Check = ({ apps }) =>
  okIfNone(apps.flatMap(killTimeoutFinding), CHECK, 'each dev server that hangs is killed soon');

function killTimeoutFinding({ process, isDevServer }: AppFacts): Finding[] {
  const { name, killTimeoutMs } = process;
  if (!isDevServer || killTimeoutMs <= LONG_MS) return [];
  const time = durationText(killTimeoutMs);
  return [
    note(
      CHECK,
      `${name}: PM2 waits for its kill_timeout of ${time} before it kills a dev server that hangs, so every restart of it takes that long`,
      'remove kill_timeout from its entry (the default is 1600 ms), or set 10000 at most',
    ),
  ];
}
