import { maskSecrets } from '../config/secrets/secrets.ts';
import { nextStepOf } from '../report/next-step.ts';
import { heldBy } from '../report/sentence.ts';
import type { TargetView } from '../report/view.ts';
import { appKeyOf } from '../store/app-memory.ts';
import { singleLine } from '../text/single-line.ts';
import type { Clock } from '../time/clock.ts';
import type { Incident, IncidentCause } from '../verdict/incident/incident.ts';
import { endOf } from '../verdict/incident/open-and-end.ts';
import { isBlind } from '../verdict/state.ts';
import type { Verdict } from '../verdict/verdict.ts';
import type { OpenIncidentFact, UnseenEnd, Urgency } from './contract/facts.ts';

/**
 * The open incident of a target as the messages need it, with wall times; also a check that has given no result for
 * minutes, which is no incident. Null where there is neither. `isOneOfMany`: other instances are targets too.
 */
export function incidentFactOf(
  view: TargetView,
  clock: Clock,
  isOneOfMany: boolean,
): OpenIncidentFact | null {
  const { incident } = view.verdict;
  const fact = incident === null ? blindFactOf(view, clock) : factOf(view, incident, clock);
  return fact && { ...fact, isOneOfMany };
}

function factOf(view: TargetView, incident: Incident, clock: Clock): OpenIncidentFact {
  const isSevere = needsPerson(view, incident) && incident.cause !== 'flapping';
  return {
    ...commonFactOf(view, clock),
    ...timesOf(incident, clock),
    cause: incident.cause,
    restarts: incident.restarts,
    severity: isSevere ? 'critical' : 'warning',
    urgency: urgencyOf(view, incident),
    reason: clean(view, reasonOf(view, incident), 100),
    detail: clean(view, incident.detail, 300),
  };
}

/** A check without a result for this long needs a person: the app may be well or not. */
const BLIND_MS = 5 * 60_000;

function blindFactOf(view: TargetView, clock: Clock): OpenIncidentFact | null {
  const { state } = view.verdict;
  if (!isBlind(state) || clock.now() - state.from < BLIND_MS) return null;
  return {
    ...commonFactOf(view, clock),
    ...timesOf({ openedAt: state.from, detectedAt: state.from }, clock),
    cause: 'unknown',
    restarts: 0,
    severity: 'warning',
    urgency: 'person',
    reason: 'its check gives no result',
    detail: clean(view, state.blind, 300),
  };
}

/** Who it is about, who gets it, and what comes next. */
function commonFactOf(
  view: TargetView,
  clock: Clock,
): Pick<OpenIncidentFact, 'key' | 'app' | 'instance' | 'recipients' | 'next' | 'diagnosis'> {
  const { name, instance, config } = view;
  return {
    key: appKeyOf(view),
    app: singleLine(name, 100),
    instance,
    recipients: config.notify ?? 'all',
    next: clean(view, nextText(view, clock.wall() - clock.now()), 200),
    diagnosis: view.diagnosis?.[0] === undefined ? null : clean(view, view.diagnosis[0], 300),
  };
}

function timesOf(
  { openedAt, detectedAt }: Pick<Incident, 'openedAt' | 'detectedAt'>,
  clock: Clock,
): Pick<OpenIncidentFact, 'openedAt' | 'detectedAt'> {
  const offset = clock.wall() - clock.now();
  return { openedAt: offset + openedAt, detectedAt: offset + detectedAt };
}

function clean({ config }: TargetView, text: string, most: number): string {
  return singleLine(maskSecrets(text, config.secrets), most);
}

/** The state machine alone does not get these well. */
const LASTING: ReadonlySet<IncidentCause> = new Set(['flapping', 'unstable', 'lost', 'errored']);

function needsPerson({ verdict, config }: TargetView, { cause }: Incident): boolean {
  const { name } = verdict.state;
  if (name === 'open' || name === 'halfOpen' || name === 'degraded' || LASTING.has(cause))
    return true;
  return config.policy.action === 'observe';
}

function urgencyOf(view: TargetView, incident: Incident): Urgency {
  if (isHeldBack(view.verdict)) return 'held';
  return needsPerson(view, incident) ? 'person' : 'working';
}

/** True while its restarts wait for something else: a dependency, a deploy, many apps that began to fail together. */
function isHeldBack(verdict: Verdict): boolean {
  const { state, deployHold, at } = verdict;
  if (heldBy(verdict) !== null) return true;
  if (deployHold !== null && at < deployHold.until) return true;
  return state.name === 'backoff' && (state.heldUntil ?? at) > at;
}

/** What is wrong, for a subject. */
const REASONS: Readonly<Record<IncidentCause, string>> = {
  refused: 'connection refused',
  timeout: 'no answer',
  reset: 'connection reset',
  status: 'wrong status',
  body: 'wrong content',
  exec: 'its check command fails',
  memory: 'too much memory',
  signature: 'its dev server is broken',
  source: 'error in its source',
  misconfig: 'its settings do not fit it',
  impostor: 'another program has its port',
  orphan: 'an old process has its port',
  certificate: 'its certificate has expired',
  stuck: 'PM2 cannot stop it',
  lost: 'PM2 cannot start it',
  errored: 'PM2 gave it up',
  startup: 'does not come up',
  flapping: 'up and down again and again',
  unstable: 'restarts again and again',
};

/** The reasons that checks gave, several in a row. */
const CHECKED: ReadonlySet<IncidentCause> = new Set([
  'refused',
  'timeout',
  'reset',
  'status',
  'body',
]);

function reasonOf({ verdict, config }: TargetView, { cause, detail, restarts }: Incident): string {
  // `answered 500` says more.
  const isShort = cause === 'status' && detail.length <= 24;
  const reason = isShort ? detail : REASONS[cause];
  if (verdict.state.name === 'open' && restarts > 0) {
    return `${reason}, ${restarts === 1 ? '1 restart' : `${restarts} restarts`} did not help`;
  }
  const { failureThreshold: all } = config.policy;
  return CHECKED.has(cause) ? `${reason} (${all} of ${all} checks)` : reason;
}

function nextText(view: TargetView, offset: number): string {
  const { what, at } = nextStepOf(view);
  if (at === null) return what;
  const time = new Date(offset + at);
  return Number.isNaN(time.getTime()) ? what : `${what} (${time.toTimeString().slice(0, 5)})`;
}

/** How the incident of an app has ended that nobody saw end; `pending` while that is not known. */
export function unseenEndOf({ state, incident }: Verdict): UnseenEnd {
  return (incident === null ? endOf(state) : null) ?? 'pending';
}
