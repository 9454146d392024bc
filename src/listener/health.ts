import type { TargetView } from '../report/view.ts';
import type { StateName } from '../verdict/state.ts';
import { isoOf } from '../time/iso.ts';
import { healthOf, type AppHealth } from './app-health.ts';
import type { ListenerFacts } from './facts.ts';
import { jsonAnswer } from './json-answer.ts';
import { textAnswer, type Answer, type ListenerRequest, type ListenerRoutes } from './route.ts';

/** The document of `/health/<app>`; times are ISO 8601, fields are only added. */
export interface AppHealthDocument {
  readonly schemaVersion: 1;
  readonly app: string;
  readonly ok: boolean;
  /** Of the instance that decides the answer: one that is not ok, where there is one. */
  readonly state: StateName;
  readonly since: string;
  /** Why the answer is that of an earlier time; absent where it is of now. */
  readonly note?: string;
}

/** The document of `/health`: all watched apps together. */
export interface HealthDocument {
  readonly schemaVersion: 1;
  readonly ok: boolean;
  readonly apps: number;
  /** The apps that are not ok, sorted. */
  readonly bad: readonly string[];
  /** Why the answers are those of an earlier time; absent where they are of now. */
  readonly note?: string;
}

/** `/health` and `/health/<app>`: 200 where requests may go there, else 503. */
export function healthRoutes(facts: ListenerFacts): ListenerRoutes {
  return new Map([
    ['/health', (asked) => allHealth(facts, asked)],
    ['/health/*', (asked) => oneHealth(facts, asked)],
  ]);
}

function oneHealth(facts: ListenerFacts, asked: ListenerRequest): Answer {
  const { name, query } = asked;
  const views = facts.viewsOf(name);
  if (views.length === 0) {
    if (!facts.hasLooked()) return write(asked, false, 'starting', { error: 'starting' });
    const error = 'no app of this name is watched';
    return isJsonWelcome(asked) ? jsonAnswer(404, { error }) : textAnswer(404, error);
  }
  const health = worst(views, query.has('ready'));
  const { isOk: ok, state, since, note } = health;
  const document: AppHealthDocument = {
    schemaVersion: 1,
    app: name,
    ok,
    state,
    since: isoOf(facts.clock)(since),
    ...(note !== undefined && { note }),
  };
  return write(asked, ok, note === undefined ? state : `${state} (${note})`, document);
}

function allHealth(facts: ListenerFacts, asked: ListenerRequest): Answer {
  if (!facts.hasLooked()) return write(asked, false, 'starting', { error: 'starting' });
  const isReady = asked.query.has('ready');
  const byName = groupByName(facts.views());
  const bad = [...byName].flatMap(([name, views]) => (worst(views, isReady).isOk ? [] : [name]));
  const unfit = facts.unfit();
  const document: HealthDocument = {
    schemaVersion: 1,
    ok: bad.length === 0,
    apps: byName.size,
    bad: bad.toSorted(),
    ...(unfit && { note: 'as last known: the monitor cannot judge now' }),
  };
  const count = `${byName.size - bad.length} of ${byName.size} up`;
  return write(asked, document.ok, count, document);
}

/** One app can have several targets: a balancer cannot ask for one of them. */
function worst(views: readonly TargetView[], isReady: boolean): AppHealth {
  const all = views.map((view) => healthOf(view, isReady));
  const [first] = all;
  if (first === undefined) throw new Error('an app without a target');
  return all.find(({ isOk }) => !isOk) ?? first;
}

function groupByName(views: readonly TargetView[]): Map<string, TargetView[]> {
  const byName = new Map<string, TargetView[]>();
  for (const view of views) byName.set(view.name, [...(byName.get(view.name) ?? []), view]);
  return byName;
}

function write(asked: ListenerRequest, isOk: boolean, text: string, document: object): Answer {
  const status = isOk ? 200 : 503;
  return isJsonWelcome(asked) ? jsonAnswer(status, document) : textAnswer(status, text);
}

function isJsonWelcome({ accept }: ListenerRequest): boolean {
  return /\bjson\b/.test(accept);
}
