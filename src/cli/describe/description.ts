import { durationText } from '../../text/duration-text.ts';
import { gistOf } from '../../text/gist.ts';
import { sanitizeData } from '../../text/sanitize.ts';
import type { TargetStatus } from '../../report/status.ts';
import { timingsText } from '../../report/last-sample.ts';
import type { IncidentRecord, JournalLine, TrailEntry } from '../../store/journal-line.ts';
import { titleOf } from '../status/monitor-status.ts';
import { ago, paintOf, timeText, type Page } from '../status/lines.ts';
import { wrapText } from '../framework/table.ts';

/** What is known about one target. */
interface Described {
  readonly target: TargetStatus;
  /** The holder of its port, as a sentence; null where it has no port. */
  readonly port: string | null;
  /** Its lines of the journal, oldest first. */
  readonly trail: readonly JournalLine[];
}

const LABEL = 11;

/** One target in lines for people: first the reason, then what comes next. */
export function descriptionOf(described: Described, page: Page): string[] {
  const { target, port, trail } = sanitizeData(described);
  const { state, since, summary, next, probe, restarts, pmId, pid } = target;
  const { bold } = page.style;
  const incident = lastIncident(trail);
  return [
    `${bold(titleOf(target))}  ${paintOf(state, page.style)(state === 'open' ? 'gave up (open)' : state)} for ${ago(since, page.wall)}, since ${timeText(since)}`,
    ...field('Why', summary, page),
    ...field('Next', nextText(next, page.wall), page),
    ...field(
      'Target',
      `${probe.type} ${probe.target} every ${durationText(probe.periodMs)}, ${durationText(probe.timeoutMs)} each`,
      page,
    ),
    ...field('Last', answerText(target, page.wall), page),
    ...timingField(target, page),
    ...(port === null ? [] : field('Port', port, page)),
    ...(target.portNote && !summary.includes(target.portNote)
      ? field('Note', target.portNote, page)
      : []),
    ...dependencyFields(target, page),
    ...field('Process', `pm_id ${pmId}, ${pid > 0 ? `pid ${pid}` : 'not running'}`, page),
    ...field(
      'Restarts',
      `${restarts.used} of ${restarts.limit} in ${durationText(restarts.withinMs)}, ${restarts.total} since the monitor started`,
      page,
    ),
    ...restartLines(target, page),
    ...field('Uptime', uptimeText(target), page),
    ...(incident === null ? [] : incidentLines(incident, page)),
  ];
}

function field(label: string, text: string, { style, columns }: Page): string[] {
  const [first = '', ...rest] = wrapText(text, columns - LABEL - 2);
  return [
    `  ${style.dim(label.padEnd(LABEL - 2))}  ${first}`,
    ...rest.map((line) => `${' '.repeat(LABEL + 2)}${line}`),
  ];
}

/** One line for each; of a healthy app too, for the day on which one of them is down. */
function dependencyFields({ dependsOn = [] }: TargetStatus, page: Page): string[] {
  return dependsOn.flatMap(({ name, state, detail }, index) =>
    field(index === 0 ? 'Needs' : '', `${name}: ${state} (${detail})`, page),
  );
}

function nextText({ what, at }: TargetStatus['next'], wall: number): string {
  if (at === null) return what;
  const leftMs = Date.parse(at) - wall;
  return leftMs > 0
    ? `${what}, in ${durationText(leftMs)} (${timeText(at)})`
    : `${what}, any moment`;
}

function answerText({ last }: TargetStatus, wall: number): string {
  if (last === null) return 'none yet';
  const kind = last.class ?? (last.ok ? 'ok' : 'unknown');
  return `${kind}: ${last.detail}, after ${durationText(last.durationMs)}, ${ago(last.at, wall)} ago`;
}

function timingField({ last }: TargetStatus, page: Page): string[] {
  const text = timingsText(last?.timings);
  return text === '' ? [] : field('Timing', text, page);
}

/** Why PM2 started it each time, the oldest first. */
function restartLines({ pm2Restarts = [] }: TargetStatus, page: Page): string[] {
  const groups: { at: string; last: string; detail: string; count: number }[] = [];
  for (const { at, detail, count } of pm2Restarts) {
    const group = groups.at(-1);
    if (group !== undefined && gistOf(group.detail) === gistOf(detail)) {
      Object.assign(group, { last: at, detail, count: group.count + count });
    } else groups.push({ at, last: at, detail, count });
  }
  return groups.flatMap(({ at, last, detail, count }, nth) => {
    const overMs = Date.parse(last) - Date.parse(at);
    const times =
      count === 1 ? '' : ` (x${count}${overMs > 0 ? ` over ${durationText(overMs)}` : ''})`;
    return field(nth === 0 ? 'Started' : '', `${timeText(last)}  ${detail}${times}`, page);
  });
}

/**
 * The uptime line. A window that saw no more than a shorter one, as in a monitor's first hour, is left out.
 */
function uptimeText({ uptime }: TargetStatus): string {
  const spans = Object.entries(uptime);
  const shown = spans.filter(
    ([, { observedMs }], at) => observedMs !== spans[at + 1]?.[1].observedMs,
  );
  return shown
    .map(([span, { availability, observedMs, incidents }]) => {
      const percent =
        availability === null ? '–' : `${(Math.floor(availability * 10_000) / 100).toFixed(2)} %`;
      const count = incidents === 1 ? '1 incident' : `${incidents} incidents`;
      return `${percent} of the ${durationText(observedMs, 0)} observed in ${span} (${count})`;
    })
    .join(', ');
}

/** The lines of the newest incident; null where there is none. */
function lastIncident(trail: readonly JournalLine[]): readonly JournalLine[] | null {
  const id = trail.findLast(({ event }) => event === 'opened' || event === 'resolved')?.incident;
  return id === undefined ? null : trail.filter(({ incident }) => incident === id);
}

function incidentLines(lines: readonly JournalLine[], page: Page): string[] {
  const record = lines.findLast((line) => line.record !== undefined)?.record;
  if (record === undefined) return [];
  const isOpen = record.resolvedAt === null;
  return [
    ...field(isOpen ? 'Incident' : 'Last one', headline(record), page),
    ...stepsOf(lines, record).flatMap((step) => stepLines(step, page)),
    ...doingLines(lines, page),
    ...(record.errorLog === null
      ? []
      : [
          ...field('Error log', `as of ${timeText(record.errorLog.writtenAt)}`, page),
          ...record.errorLog.lines.map((line) => `${' '.repeat(LABEL + 2)}${page.style.dim(line)}`),
        ]),
  ];
}

/** What it was doing, with the stack below. */
function doingLines(lines: readonly JournalLine[], page: Page): string[] {
  const found = lines.findLast((line) => line.record?.diagnosis ?? line.diagnosis);
  const [sentence, ...stack] = found?.record?.diagnosis ?? found?.diagnosis ?? [];
  if (sentence === undefined) return [];
  const margin = ' '.repeat(LABEL + 2);
  return [
    ...field('Doing', sentence, page),
    ...stack.map((line) => `${margin}${page.style.dim(line)}`),
  ];
}

const TIME = 'HH:MM:SS'.length;

function stepLines({ at, text }: TrailEntry, { style, columns }: Page): string[] {
  const margin = LABEL + 2;
  const [first = '', ...rest] = wrapText(text, columns - margin - TIME - 2);
  return [
    `${' '.repeat(margin)}${style.dim(timeText(at).slice(-TIME))}  ${first}`,
    ...rest.map((line) => `${' '.repeat(margin + TIME + 2)}${line}`),
  ];
}

function headline(record: IncidentRecord): string {
  const { openedAt, resolvedAt, end, downtimeMs, class: cause, detail } = record;
  const what = `${timeText(openedAt)}, ${cause}: ${detail}`;
  if (resolvedAt === null) return what;
  if (downtimeMs === null) return `${what}; over, but its end was not seen`;
  return `${what}; ${end} at ${timeText(resolvedAt)}, down for ${durationText(downtimeMs)}`;
}

/** The trail of the newest record, and the lines after it. */
function stepsOf(lines: readonly JournalLine[], record: IncidentRecord): readonly TrailEntry[] {
  const later = lines.filter(({ event }) => event === 'decided' || event === 'acted');
  const acted = record.actions.map(({ at, method, result, detail }) => ({
    at,
    text: `${method} ${result}: ${detail}`,
  }));
  const all =
    record.resolvedAt === null ? [...record.trail, ...later] : [...record.trail, ...acted];
  return all.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
