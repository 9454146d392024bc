import type { Decision } from '../verdict/decision.ts';
import type { Policy } from '../verdict/policy.ts';
import { because, restartCount } from './sentence.ts';

/** `restarting: 3 of 3 checks timed out (no answer within 1 s); restart 1 of 5 in 10m`. */
export function restartText(
  { method, endsOrphan, trial, saved, failure, attempt }: Extract<Decision, { type: 'restart' }>,
  policy: Policy,
): string {
  const verb = trial ? 'trial restart' : method === 'reload' ? 'reloading' : 'restarting';
  const count = restartCount(attempt, policy);
  if (saved !== undefined) return `${verb}: ${saved}; ${count}`;
  if (failure === null) return `${verb}: PM2 gave the app up (errored); ${count}`;
  // A proven orphan is enough: no threshold applies.
  if (endsOrphan) return `stopping an old process of the app: ${failure.detail}; ${count}`;
  // No check has failed: there is nothing to ask.
  if (failure.class === 'lost') return `${verb}: ${because(failure)}; ${count}`;
  if (failure.isStopped === true) return `${verb}: ${failure.detail}; ${count}`;
  const { failureThreshold } = policy;
  const checks = `${failureThreshold} of ${failureThreshold} checks`;
  const seen =
    failure.class === 'timeout'
      ? `${checks} timed out (${failure.detail})`
      : `${checks} failed (${because(failure)})`;
  return `${verb}: ${seen}; ${count}`;
}
