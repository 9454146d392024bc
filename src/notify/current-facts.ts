import type { TargetView } from '../report/view.ts';
import { appKeyOf } from '../store/app-memory.ts';
import type { Clock } from '../time/clock.ts';
import type { OpenIncidentFact, PlanFacts, UnseenEnd } from './contract/facts.ts';
import type { Ledger } from './contract/ledger.ts';
import { incidentFactOf, unseenEndOf } from './incident-fact.ts';
import { MONITOR_KEY, OwnTrouble } from './own-trouble.ts';

/** What is asked about the apps and the monitor itself. */
export interface FactSources {
  /** The present views of the watched targets. */
  readonly views: () => readonly TargetView[];
  /** Why the monitor itself cannot judge, or cannot keep what it knows; null while it can. */
  readonly ownTrouble: () => string | null;
  /** False while the monitor judges no app. */
  readonly isJudging: () => boolean;
  /** The processes that PM2 has, watched or not; null while its list is not known. */
  readonly listed: () => readonly Pick<TargetView, 'name' | 'instance'>[] | null;
}

/** What a plan is made from, without the moment. */
export type Facts = Omit<PlanFacts, 'now' | 'host'>;

/** The facts of an event alone: they say nothing of the other apps. */
export const NO_FACTS = { open: [], ended: [], deeds: [], unseenEndOf: () => null } as const;

/** Looks at the state of all apps, and of the monitor itself. */
export class CurrentFacts {
  readonly #clock: Clock;
  readonly #sources: FactSources;
  readonly #own: OwnTrouble;

  constructor(clock: Clock, sources: FactSources) {
    this.#clock = clock;
    this.#sources = sources;
    this.#own = new OwnTrouble(clock);
  }

  /** The open incident of one view; null where there is none. */
  incidentOf(view: TargetView): OpenIncidentFact | null {
    const many = namesOfMany(this.#sources.views());
    return incidentFactOf(view, this.#clock, many.has(view.name));
  }

  /** The state of all now. */
  look({ entries }: Ledger): Facts {
    const views = this.#sources.views();
    const processes = this.#sources.listed();
    const many = namesOfMany(views);
    const listed = processes && new Set(processes.map(appKeyOf));
    const known = entries.find(({ key }) => key === MONITOR_KEY);
    const own = this.#ownFact(known?.openedAt ?? null);
    const ends = new Map(views.map((view) => [appKeyOf(view), unseenEndOf(view.verdict)]));
    ends.set(MONITOR_KEY, this.#ownEnd(listed !== null));
    const open = views.flatMap(
      (view) => incidentFactOf(view, this.#clock, many.has(view.name)) ?? [],
    );
    return {
      ...NO_FACTS,
      open: own ? [...open, own] : open,
      unseenEndOf: (key) => ends.get(key) ?? absenceOf(key, listed),
    };
  }

  #ownFact(openedAt: number | null): OpenIncidentFact | null {
    const { ownTrouble, isJudging } = this.#sources;
    return this.#own.look(ownTrouble(), isJudging(), openedAt);
  }

  /** Its trouble is not over before it has read PM2's list: until then it does not know. */
  #ownEnd(isListKnown: boolean): UnseenEnd {
    return isListKnown && this.#sources.ownTrouble() === null ? 'recovered' : 'pending';
  }
}

/** The apps of which several instances are targets of their own. */
function namesOfMany(views: readonly TargetView[]): ReadonlySet<string> {
  const first = new Set<string>();
  const many = new Set<string>();
  for (const { name } of views) (first.has(name) ? many : first).add(name);
  return many;
}

/** Why an app has no view: PM2 does not have it, or nobody watches it; null while PM2's list is not known. */
function absenceOf(key: string, listed: ReadonlySet<string> | null): UnseenEnd {
  if (listed === null) return null;
  return listed.has(key) ? 'unwatched' : 'gone';
}
