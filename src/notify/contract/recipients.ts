import type { Severity } from '../message/notice.ts';
import type { Recipient, Recipients } from './facts.ts';

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/** True where `a` is more severe than `b`. */
export function isWorse(a: Severity, b: Severity): boolean {
  return RANK[a] > RANK[b];
}

/** The most severe of them; `info` of none. */
export function worstOf(severities: readonly Severity[]): Severity {
  return severities.reduce<Severity>(
    (worst, each) => (isWorse(each, worst) ? each : worst),
    'info',
  );
}

/** True where a channel takes messages of this severity about an app with these recipients. */
export function takes(
  { name, minSeverity }: Recipient,
  recipients: Recipients,
  severity: Severity,
): boolean {
  if (isWorse(minSeverity, severity)) return false;
  return recipients === 'all' || recipients.includes(name);
}
