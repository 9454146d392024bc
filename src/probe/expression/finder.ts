import { formatMatcher, isFoundIn, isQuick, type Matcher } from '../http/body-match.ts';
import { ExpressionJudge } from './judge.ts';
import { JUDGE_MS, type Verdict } from './worker.ts';
import { measureJudging } from '../measure-judging.ts';
import type { Outcome, ProbeContext } from '../probe.ts';

/** Whether the matcher was found, or why that is not known; the latter says nothing about the target. */
export type Found = boolean | Extract<Outcome, { kind: 'unknown' }>;

/** Searches for one matcher again and again. */
export interface Finder {
  /** Whether one of the texts has it. Synchronous for a matcher that is quick on any text. */
  find(texts: readonly string[], context: ProbeContext): Found | Promise<Found>;
}

/** The first rest after a slow answer. It grows each time, so that many slow expressions cost little. */
const FIRST_REST_MS = 1_000;
const MAX_REST_MS = 60_000;

/** A health page is usually the same each time; a longer one is not kept. */
const KEPT_CHARS = 4_096;

/** One thread for all probes of this process. */
const shared = new ExpressionJudge();

/** A finder for one probe; `setting` names the setting with the matcher. */
export function createFinder(
  matcher: Matcher,
  setting: string,
  judge: ExpressionJudge = shared,
): Finder {
  if (typeof matcher !== 'string' && !isQuick(matcher)) {
    return new BoundedFinder(matcher, setting, judge);
  }
  return {
    find: (texts, context) =>
      measureJudging(context, () => texts.some((text) => isFoundIn(text, matcher))),
  };
}

/** Searches for an expression of a user, which may take forever. */
class BoundedFinder implements Finder {
  readonly #expression: RegExp;
  readonly #judge: ExpressionJudge;
  readonly #setting: string;
  #last: { readonly text: string; readonly isFound: boolean } | null = null;
  #reason = '';
  #restMs = 0;
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(expression: RegExp, setting: string, judge: ExpressionJudge) {
    this.#setting = setting;
    this.#expression = expression;
    this.#judge = judge;
  }

  find(texts: readonly string[], context: ProbeContext): Found | Promise<Found> {
    const [text = ''] = texts;
    if (texts.length === 1 && text === this.#last?.text) return this.#last.isFound;
    if (context.now() < this.#restsUntil) return this.#undecided(this.#reason);
    return this.#ask(texts, context);
  }

  async #ask(texts: readonly string[], context: ProbeContext): Promise<Found> {
    const { source, flags } = this.#expression;
    const isSuspect = this.#restMs > 0;
    const request = { source, flags: flags.replaceAll(/[gy]/g, ''), texts, isSuspect };
    const verdict = await this.#judge.judge(request, context.signal);
    if (verdict === 'aborted') {
      return this.#undecided('was not judged in time');
    }
    return this.#read(verdict, texts, context.now());
  }

  #read(verdict: Verdict, texts: readonly string[], now: number): Found {
    if (verdict === 'slow' || typeof verdict === 'object') {
      this.#restMs = Math.min(MAX_REST_MS, this.#restMs * 2 || FIRST_REST_MS);
      this.#restsUntil = now + this.#restMs;
      this.#reason =
        verdict === 'slow'
          ? `takes more than ${JUDGE_MS} ms on the answer of the app; write a simpler expression`
          : `cannot be judged (${verdict.unable})`;
      return this.#undecided(this.#reason);
    }
    const isFound = verdict === 'found';
    this.#restMs = 0;
    const [text = ''] = texts;
    this.#last = texts.length === 1 && text.length <= KEPT_CHARS ? { text, isFound } : null;
    return isFound;
  }

  #undecided(reason: string): Found {
    // The expression comes last and whole: it may be long, and a secret in it is found only as a whole.
    const detail = `\`${this.#setting}\` ${reason}: ${formatMatcher(this.#expression)}`;
    return { kind: 'unknown', cause: 'expression', detail };
  }
}
