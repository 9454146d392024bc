import type { RestartOrder } from '../action/restart-order.ts';
import type { ExecutionResult } from '../action/restart-order.ts';
import type { Clock } from '../time/clock.ts';
import type { Decision } from '../verdict/event.ts';
import type { Incident } from '../verdict/incident/incident.ts';
import { shareOf } from '../verdict/incident/flapping.ts';
import { downtimeOf } from '../uptime/figures.ts';
import { durationText } from '../text/duration-text.ts';
import { harmless, harmlessLines } from '../text/sanitize.ts';
import { jsonText } from '../text/json-text.ts';
import { because, counted, restartCount, sentenceOf } from './sentence.ts';
import type { TargetView } from './view.ts';

/** How a line matters; `warn` and `error` go to stderr. */
export type Level = 'info' | 'warn' | 'error';

/** Where lines go: text for `pm2 logs`, or one JSON object a line. */
export interface Log {
  line(level: Level, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A log on the process's own streams. A stream that fails costs lines, never supervision. */
export function createLog(format: 'text' | 'json', clock: Clock): Log {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return {
    line(level, message, fields = {}) {
      const stream = level === 'info' ? process.stdout : process.stderr;
      const time = new Date(clock.wall()).toISOString();
      stream.write(
        format === 'json'
          ? `${jsonText({ time, level, message, ...fields })}\n`
          : `${harmlessLines(message)}\n`,
      );
    },
  };
}

/** One line per decision worth one: transitions, restarts, incidents that end; not per probe. */
export function logDecision(log: Log, view: TargetView, label: string, decision: Decision): void {
  const text = decisionText(view, decision);
  if (text === null) return;
  const { name, pmId, pid, verdict } = view;
  log.line(levelOf(view, decision), `${label}: ${harmless(text)}`, {
    app: name,
    pmId,
    pid,
    event: decision.type,
    state: verdict.state.name,
    ...fieldsOf(decision),
  });
}

/** One line on a restart that went otherwise than wanted; one that worked shows as `starting`. */
export function logExecution(
  log: Log,
  view: TargetView,
  label: string,
  { method, pmId }: RestartOrder,
  { result, detail }: ExecutionResult,
): void {
  const words = {
    done: 'done',
    skipped: 'not issued',
    failed: 'failed',
    cleared: 'not needed',
    stuck: 'not possible yet',
  } as const;
  const level = result === 'failed' || result === 'stuck' ? 'error' : 'info';
  log.line(level, `${label}: ${method} ${words[result]}: ${harmless(detail)}`, {
    app: view.name,
    pmId,
    event: 'performed',
    result,
  });
}

/** One line on probes that were broken themselves, again and again; `detail` says why. */
export function logBrokenProbes(log: Log, view: TargetView, label: string, detail: string): void {
  const { name, pmId, pid } = view;
  const message = `${label}: 10 probes in a row said nothing of it: ${harmless(detail)}`;
  log.line('error', message, { app: name, pmId, pid, event: 'brokenProbes' });
}

/** Where an app goes round in whose restart is not issued. */
const ROUND: ReadonlySet<string> = new Set(['starting', 'failing', 'backoff', 'restarting']);

/** PM2 starts a script again and again whose server runs beside it: the first of those lives says it. */
function isMoreOfTheSame({ background, verdict }: TargetView, decision: Decision): boolean {
  if (background === undefined || decision.type !== 'transition') return false;
  const isNew = verdict.incident === null || verdict.incident.detectedAt === verdict.at;
  return !isNew && decision.to !== 'open';
}

/** What is said of a decision; null for one that another line tells of. */
export function decisionText(view: TargetView, decision: Decision): string | null {
  const { policy } = view.config;
  // An order that is not issued again and again is told once; its reason stays in the sentence.
  const isRepeated = (view.verdict.skipped?.times ?? 0) > 0 && ROUND.has(view.verdict.state.name);
  if (isMoreOfTheSame(view, decision)) return null;
  if (isRepeated && (decision.type === 'transition' || decision.type === 'restart')) return null;
  switch (decision.type) {
    case 'still':
      return stillText(view, decision.what);
    case 'transition':
      if (decision.isHushed === true) return null;
      // Told by the lines of the restart and of the incident's end.
      return decision.to === 'restarting' || decision.to === 'halfOpen' ? null : sentenceOf(view);
    case 'restart': {
      // A proven left-over is enough; no threshold was waited for.
      const count = decision.reap ? '' : ` ${counted(policy.failureThreshold, policy)}`;
      const seen = decision.failure
        ? `failing${count} (${because(decision.failure)})`
        : 'given up by PM2 (errored)';
      const what = decision.reap
        ? 'end the left-over, '
        : decision.trial
          ? 'trial, '
          : decision.method === 'reload'
            ? 'reload, '
            : '';
      return `${seen} → ${what}${restartCount(decision.attempt, policy)}`;
    }
    case 'withheld':
      return `failing (${because(decision.failure)}) → would restart, but observe mode is on`;
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

/** What has no line of a state: an app that never comes up, and one that flaps. */
function openingText(
  { verdict }: TargetView,
  { cause, openedAt, detail }: Incident,
): string | null {
  if (cause === 'flapping') return `flapping, not restarted for it: ${detail}`;
  if (cause !== 'startup') return null;
  return `does not come up: no good answer for ${durationText(verdict.at - openedAt)} (${detail})`;
}

/** The one line a minute of what goes back and forth. */
function stillText(view: TargetView, what: 'flapping' | 'unknown' | 'swinging'): string {
  const { flap, at } = view.verdict;
  if (what !== 'flapping' || flap === null) return sentenceOf(view);
  const { good, all } = shareOf(flap, at);
  const { failure } = flap;
  return `still flapping: ${good} of ${all} answers of the last 2m were good (${because(failure)})`;
}

function levelOf({ verdict }: TargetView, decision: Decision): Level {
  if (decision.type === 'incidentResolved') return decision.end === 'worse' ? 'warn' : 'info';
  if (decision.type === 'still' || verdict.incident?.cause === 'flapping') return 'warn';
  const { name } = verdict.state;
  if (name === 'open') return 'error';
  const isBad =
    name === 'failing' || name === 'degraded' || name === 'backoff' || name === 'unknown';
  return isBad || decision.type === 'restart' ? 'warn' : 'info';
}

function fieldsOf(decision: Decision): Readonly<Record<string, unknown>> {
  switch (decision.type) {
    case 'still':
      return { what: decision.what };
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
