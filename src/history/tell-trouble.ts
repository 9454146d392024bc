import type { Log } from '../report/log.ts';

/** Reports that the journal cannot be written, and that it can be again. */
export function tellTrouble(log: Log): (trouble: string | null) => void {
  const lost = 'the incident journal cannot be written; the apps are still watched: ';
  const back = 'the incident journal can be written again';
  return (trouble) =>
    trouble === null ? log.line('info', back) : log.line('warn', lost + trouble);
}
