import type * as z from 'zod';
import { formatDuration } from './durations.ts';
import { VALUE_FREE } from '../section.ts';

type Rule = (
  value: Readonly<Record<string, unknown>>,
  context: Pick<z.core.$RefinementCtx, 'addIssue'>,
) => void;

/**
 * The rule that the duration at `key` is at most the one at `limitKey`; not checked where one of them is
 * wrong.
 */
export function requireAtMost(key: string, limitKey: string): Rule {
  return (value, context) => {
    const [ms, limitMs] = [value[key], value[limitKey]];
    if (typeof ms !== 'number' || typeof limitMs !== 'number' || ms <= limitMs) return;
    const limit = `${limitKey} ('${formatDuration(limitMs)}')`;
    // Only a duration can be here, so the value of a variable may be shown too.
    const message = `got '${formatDuration(ms)}'; write at most ${limit}, or raise ${limitKey}`;
    context.addIssue({ code: 'custom', path: [key], message, params: { ...VALUE_FREE } });
  };
}
