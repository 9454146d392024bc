import { codeOf, messageOf } from '../../errors.ts';
import { sanitizeLine } from '../../text/sanitize.ts';

/** What a person can do about an error, by its code. */
const NEXT_STEPS: Readonly<Record<string, string>> = {
  ERR_PM2_UNAVAILABLE: 'start one with `pm2 start ecosystem.config.cjs`',
  ERR_PM2_TIMEOUT: '`pm2-liveness doctor` shows what to do',
};

/** The last line of a failed command: the error as one sentence, and the next step where there is one. */
export function sentenceOfError(error: unknown): string {
  const next = NEXT_STEPS[codeOf(error) ?? ''];
  return sanitizeLine(messageOf(error)) + (next === undefined ? '' : `; ${next}`);
}
