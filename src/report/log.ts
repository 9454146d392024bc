import type { RestartOrder, ExecutionResult } from '../action/restart-order.ts';
import type { Clock } from '../time/clock.ts';
import type { Decision } from '../verdict/decision.ts';
import { isLasting, type Incident } from '../verdict/incident/incident.ts';
import { shareOf } from '../verdict/incident/flapping.ts';
import { describeRestarts } from '../verdict/incident/unstable.ts';
import { downtimeOf } from '../uptime/figures.ts';
import { durationText } from '../text/duration-text.ts';
import { sanitizeLine, sanitizeLines } from '../text/sanitize.ts';
import { jsonText } from '../text/json-text.ts';
import { restartText } from './restart-text.ts';
import { because, sentenceOf, slowText } from './sentence.ts';
import type { TargetView } from './view.ts';

/** The level of a line. */
export type Level = 'info' | 'warn' | 'error';

/** Writes lines: text for `pm2 logs`, or one JSON object per line. */
export interface Log {
  /** Absent: text. */
  readonly format?: 'text' | 'json';
  line(level: Level, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * Makes a log on standard output for all lines, good and bad: PM2 has a file for each stream, and `pm2 logs`
 * shows two files in no fixed order. A failing stream costs lines, never supervision.
 */
export function createLog(format: 'text' | 'json', clock: Clock): Log {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return {
    format,
    line(level, message, fields = {}) {
      const time = new Date(clock.wall()).toISOString();
      process.stdout.write(
        format === 'json'
          ? `${jsonText({ time, level, message, ...fields })}\n`
          : `${time.slice(0, 19)}Z ${sanitizeLines(message)}\n`,
      );
    },
  };
}

/** Writes one line for a decision that needs one: a transition, a restart, the end of an incident. */
export function logDecision(log: Log, view: TargetView, label: string, decision: Decision): void {
  const text =
    log.format !== 'json' && isOurStart(view, decision)
      ? `restarted as pid ${view.pid}`
      : decisionText(view, decision);
  if (text === null) return;
  const { name, pmId, pid, verdict } = view;
  log.line(levelOf(view, decision), `${label}: ${sanitizeLine(text)}`, {
    app: name,
    pmId,
    pid,
    event: decision.type,
    state: verdict.state.name,
    ...fieldsOf(decision, view),
  });
}

/**
 * Writes one line about the result of a restart. As text, only where the start of the new process has not
 * already shown that it worked.
 */
export function logExecution(
  log: Log,
  view: TargetView,
  label: string,
  order: RestartOrder,
  execution: ExecutionResult,
): void {
  const { result } = execution;
  if (log.format !== 'json' && hasShownStart(view, order, execution)) return;
  const level = result === 'failed' || result === 'stuck' ? 'error' : 'info';
  log.line(level, `${label}: ${sanitizeLine(executionText(order, execution))}`, {
    app: view.name,
    pmId: order.pmId,
    event: 'performed',
    result,
  });
}

/** The result of a restart, for people. */
export function executionText(
  { method }: RestartOrder,
  { result, detail }: ExecutionResult,
): string {
  const words = {
    skipped: 'not issued',
    failed: 'failed',
    cleared: 'not needed',
    stuck: 'not possible yet',
  } as const;
  return result === 'done' ? detail : `${method} ${words[result]}: ${detail}`;
}

/**
 * True for the start of the new process of our restart. PM2 answers our call only later, perhaps when the app
 * is well again: the lines of the log would then be in the wrong order.
 */
export function isOurStart({ verdict, instances }: TargetView, decision: Decision): boolean {
  if (decision.type !== 'transition' || instances !== undefined) return false;
  return decision.from === 'restarting' && decision.to === 'starting' && verdict.pending !== null;
}

/** True where the log has already shown the start of the new process, and nothing is to be added. */
function hasShownStart(
  { verdict, instances }: TargetView,
  { method }: RestartOrder,
  { result, detail }: ExecutionResult,
): boolean {
  const { name } = verdict.state;
  if (instances !== undefined || name === 'restarting' || name === 'halfOpen') return false;
  return result === 'done' && detail.startsWith(`${method}ed as pid`);
}

/** Writes one line about many probes in a row that were broken themselves; `detail` is the reason. */
export function logBrokenProbes(log: Log, view: TargetView, label: string, detail: string): void {
  const { name, pmId, pid } = view;
  const message = `${label}: 10 checks in a row gave no result: ${sanitizeLine(detail)}`;
  log.line('error', message, { app: name, pmId, pid, event: 'brokenProbes' });
}

/** One line where the answers of an app became slow, or are slow no longer. */
export function logSlow(log: Log, { name, pmId, pid, slow }: TargetView, label: string): void {
  const text = slow === undefined ? 'no longer slow' : slowText(slow);
  const fields = { app: name, pmId, pid, event: 'slow', slow: slow ?? null };
  log.line(slow === undefined ? 'info' : 'warn', `${label}: ${text}`, fields);
}

/** The states that an app goes through again and again while its restart is not issued. */
const ROUND: ReadonlySet<string> = new Set(['starting', 'failing', 'backoff', 'restarting']);

/** True for further starts of a script whose server runs in the background: one line is enough. */
function isMoreOfTheSame({ background, verdict }: TargetView, decision: Decision): boolean {
  if (background === undefined || decision.type !== 'transition') return false;
  const isNew = verdict.incident === null || verdict.incident.detectedAt === verdict.at;
  return !isNew && decision.to !== 'open';
}

/** A decision as text for people; null where another line reports it. */
export function decisionText(view: TargetView, decision: Decision): string | null {
  const { policy } = view.config;
  // An order that is repeatedly not issued is reported once; the state's sentence keeps the reason.
  const isRepeated = (view.verdict.skipped?.times ?? 0) > 0 && ROUND.has(view.verdict.state.name);
  if (isMoreOfTheSame(view, decision)) return null;
  if (isRepeated && (decision.type === 'transition' || decision.type === 'restart')) return null;
  switch (decision.type) {
    case 'still':
      return stillText(view, decision.what);
    case 'transition':
      if (decision.isHushed === true) return null;
      // Reported by the lines of the restart and of the incident's end.
      return decision.to === 'restarting' || decision.to === 'halfOpen' ? null : sentenceOf(view);
    case 'held':
      return decision.isHushed === true ? null : sentenceOf(view);
    case 'released':
      return decision.isHushed === true
        ? null
        : `no longer held, what it depends on is back: ${sentenceOf(view)}`;
    case 'restart':
      return restartText(decision, policy);
    case 'withheld':
      return `would restart, but observe mode is on: ${because(decision.failure)}`;
    case 'incidentResolved': {
      const { incident, end, isHushed } = decision;
      if (isHushed === true) return null;
      if (end === 'worse') return `no longer ${incident.cause}, but worse: ${sentenceOf(view)}`;
      const lasted = durationText(downtimeOf(view.uptime, incident.openedAt, view.verdict.at));
      const restarts = incident.restarts === 1 ? '1 restart' : `${incident.restarts} restarts`;
      return `incident over (${end}), down for ${lasted}, ${restarts}: ${incident.cause}`;
    }
    case 'incidentOpened':
      return openingText(view, decision.incident);
  }
}

/** The line for incidents without a line of a state: an app that never comes up, and one that flaps. */
function openingText({ verdict }: TargetView, incident: Incident): string | null {
  const { cause, openedAt, detail } = incident;
  if (isLasting(incident)) return `${cause}, not restarted for it: ${detail}`;
  if (cause !== 'startup') return null;
  return `does not come up: no good answer for ${durationText(verdict.at - openedAt)} (${detail})`;
}

/** The one line per minute for changes that go back and forth. */
function stillText(view: TargetView, what: Extract<Decision, { type: 'still' }>['what']): string {
  const { flap, restartRun, at, incident } = view.verdict;
  if (what === 'unstable' && restartRun !== null) {
    const also = isLasting(incident) || !incident ? '' : ` (${incident.cause}: ${incident.detail})`;
    return `still unstable: ${describeRestarts(restartRun)}${also}`;
  }
  if (what !== 'flapping' || flap === null) return sentenceOf(view);
  const { good, all } = shareOf(flap, at);
  const { failure } = flap;
  return `still flapping: ${good} of ${all} answers of the last 2m were good (${because(failure)})`;
}

function levelOf({ verdict }: TargetView, decision: Decision): Level {
  if (decision.type === 'incidentResolved') return decision.end === 'worse' ? 'warn' : 'info';
  if (decision.type === 'still' || isLasting(verdict.incident)) return 'warn';
  const { name } = verdict.state;
  if (name === 'open') return 'error';
  const isBad =
    name === 'failing' || name === 'degraded' || name === 'backoff' || name === 'unknown';
  return isBad || decision.type === 'restart' ? 'warn' : 'info';
}

function fieldsOf(decision: Decision, view: TargetView): Readonly<Record<string, unknown>> {
  switch (decision.type) {
    case 'still':
      return { what: decision.what };
    case 'held':
    case 'released':
      return { heldBy: view.verdict.dependency.hold?.reason ?? null };
    case 'transition':
      return { from: decision.from, to: decision.to };
    case 'restart':
      return { method: decision.method, trial: decision.trial, attempt: decision.attempt };
    case 'withheld':
      return { class: decision.failure.class };
    case 'incidentOpened':
    case 'incidentResolved':
      return { cause: decision.incident.cause, restarts: decision.incident.restarts };
  }
}
