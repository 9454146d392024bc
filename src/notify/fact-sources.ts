import type { TargetView } from '../report/view.ts';
import type { FactSources } from './current-facts.ts';

/** The parts of a leading monitor that know how it does, and what PM2 has. */
export interface MonitorParts {
  /** The present views of the watched targets. */
  readonly views: () => readonly TargetView[];
  readonly selfCheck: {
    /** Why the monitor is unfit; null while it is fit. */
    check(): string | null;
    /** When PM2's list was read last; null before the first time. */
    readonly pm2AnsweredAt: number | null;
    /** Why there was no whole round in the last minute; null where there was one. */
    roundTrouble(): string | null;
  };
  readonly pm2: {
    /** The last list, perhaps of an earlier session. */
    last(): readonly Pick<TargetView, 'name' | 'instance'>[];
  };
  /** Why what the monitor knows cannot be kept; null while it can. */
  readonly history: () => { readonly why: string | null };
}

/** What is asked of them. A list that this session has not read, or that PM2 no longer confirms, is not known. */
export function factSourcesOf({ views, selfCheck, pm2, history }: MonitorParts): FactSources {
  const isJudging = (): boolean => selfCheck.check() === null;
  return {
    views,
    ownTrouble: () => selfCheck.check() ?? history().why,
    isJudging,
    listed: () => (selfCheck.pm2AnsweredAt !== null && isJudging() ? pm2.last() : null),
  };
}
