import type { TargetStatus } from '../../../report/status.ts';
import { appArgument } from '../../../text/shell-word.ts';
import { titleOf } from '../../status/monitor-status.ts';
import { bad, type Check, type Finding } from '../finding.ts';

const CHECK = 'answers';

/** Is there an app of unknown state? The check of the monitor reports a monitor that cannot judge at all. */
export const answers: Check = ({ status }) => status?.targets.flatMap(findingOf) ?? [];

function findingOf(target: TargetStatus): Finding[] {
  const { name, unknown } = target;
  if (unknown?.cause !== 'check') return [];
  const what = `${titleOf(target)}: its state is unknown, the check itself gives no result: ${unknown.detail}`;
  return [bad(CHECK, what, `fix that, then run: pm2-liveness check ${appArgument(name)}`)];
}
