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
  const what = `${titleOf(target)}: nobody knows how it is, the check itself says nothing: ${unknown.detail}`;
  return [bad(CHECK, what, `fix what it says, then: pm2-liveness check ${appArgument(name)}`)];
}
