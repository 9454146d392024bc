import stringWidth from 'string-width';
import { durationText } from '../../text/duration-text.ts';
import { andMore } from '../../text/and-more.ts';
import { sanitizeData, sanitizeLine, sanitizeLines } from '../../text/sanitize.ts';
import { shownIncident } from '../../report/shown-incident.ts';
import type { StatusDocument, TargetStatus } from '../../report/status.ts';
import type { CliIo } from '../framework/command.ts';
import { titleOf } from './monitor-status.ts';
import type { Style } from '../framework/style.ts';
import { tableLines, wrapText, type Cell } from '../framework/table.ts';

/** The page for the lines, and its wall time. */
export interface Page extends Pick<CliIo, 'style' | 'columns'> {
  readonly wall: number;
}

/** A line per app, and below it a sentence where the app is not well; problems of the monitor first. */
export function statusLines(document: StatusDocument, page: Page): string[] {
  const { targets } = sanitizeData(document);
  return [
    ...monitorLines(document, page),
    ...targetLines(targets, page),
    ...misconfiguredLines(document, page),
    ...unwatchedLines(document.unwatched ?? [], page),
  ];
}

/** What keeps the monitor from its work. */
export function monitorLines(document: StatusDocument, { style }: Pick<Page, 'style'>): string[] {
  const { unfit, history } = sanitizeData(document.monitor);
  const { warn, bad } = style;
  return [
    ...(unfit === null ? [] : [bad(`The monitor cannot judge now: ${unfit}.`)]),
    ...(history?.why ? [warn(`History is not saved on disk: ${history.why}.`)] : []),
    ...document.problems.map((problem) =>
      warn(`A problem of the monitor: ${sanitizeLines(problem)}`),
    ),
  ];
}

/** The blocks that cannot be used. */
export function misconfiguredLines(
  { misconfigured }: StatusDocument,
  { style }: Pick<Page, 'style'>,
): string[] {
  return misconfigured.map(({ message }) => style.bad(sanitizeLines(message)));
}

/** The apps that nobody watches, and what to type: one line, with as many names as it has room for. */
function unwatchedLines(all: readonly string[], { style, columns }: Page): string[] {
  const lineOf = (shown: number): string => {
    const names = all.slice(0, shown).map((name) => sanitizeLine(name));
    return `not watched: ${names.join(', ')}${andMore(all.length - shown)} (npx pm2-liveness watch)`;
  };
  if (all.length === 0) return [];
  let shown = Math.min(all.length, MOST_NAMES);
  while (shown > 1 && stringWidth(lineOf(shown)) > columns) shown -= 1;
  return [style.dim(lineOf(shown))];
}

/** For a pipe, which has no width. */
const MOST_NAMES = 20;

function targetLines(targets: readonly TargetStatus[], page: Page): string[] {
  if (targets.length === 0) return [];
  const shown = [
    HEAD.map((text): Cell => ({ text, paint: page.style.dim })),
    ...targets.map((target) => rowOf(target, page)),
  ];
  // On a narrow terminal only `describe` shows the target.
  const rows = tableLines(
    page.columns < ROOMY ? shown.map((row) => row.slice(0, -1)) : shown,
    page.columns,
  );
  const [head = '', ...lines] = rows;
  return [
    head,
    ...lines.flatMap((line, at) => {
      const target = targets[at];
      return target === undefined ? [line] : [line, ...reasonOf(target, page)];
    }),
  ];
}

/** A name, the figures and an address need this many columns. */
const ROOMY = 60;

/** Above the cells of a target. */
export const HEAD = ['APP', 'STATE', 'LAST RESULT', 'RESTARTS', 'TARGET'] as const;

/** The cells of a target. */
export function rowOf(target: TargetStatus, { style, wall }: Page): Cell[] {
  const { last, restarts, probe } = target;
  const state = shownState(target);
  return [
    { text: titleOf(target), paint: style.bold },
    { text: stateText(target, wall), paint: paintOf(state, style) },
    {
      text:
        last === null
          ? '–'
          : `${last.class ?? (last.ok ? 'ok' : 'unknown')} ${durationText(last.durationMs, 0)}`,
    },
    {
      text: `${restarts.used} of ${restarts.limit}`,
      paint: restarts.used > 0 ? style.warn : style.dim,
    },
    { text: probe.target, paint: style.dim },
  ];
}

/** `healthy 12m`; for an app that was given up, when it is tried again. */
function stateText(target: TargetStatus, wall: number): string {
  const state = shownState(target);
  const { since, next } = target;
  if (state !== 'open') return `${state} ${ago(since, wall)}`;
  const leftMs = next.at === null ? 0 : Date.parse(next.at) - wall;
  return leftMs > 0
    ? `gave up, retry in ${durationText(leftMs, 0)}`
    : `gave up ${ago(since, wall)}`;
}

/** A state as it is shown; the last two are incidents that say more than it. */
type ShownState = TargetStatus['state'] | 'flapping' | 'unstable';

/** With one of these incidents an app is neither well nor bad, also after a good answer. */
function shownState({ state, incident }: TargetStatus): ShownState {
  return shownIncident(state, incident?.cause) ?? state;
}

/** Below its cells: nothing for one that is well. */
export function reasonOf(
  { state, summary, incident, slow, certificate, releaseNote }: TargetStatus,
  { columns }: Page,
): string[] {
  const notes = [slow, certificate, releaseNote];
  const isPlain = notes.every((note) => note === undefined);
  if (state === 'healthy' && incident === null && isPlain) return [];
  const since = incident === null ? '' : `; incident since ${timeText(incident.since)}`;
  return wrapText(`${summary}${since}`, columns - 2).map((line) => `  ${line}`);
}

/** The colour of a state: well, in between, or not well. */
export function paintOf(state: ShownState, style: Style): (text: string) => string {
  switch (state) {
    case 'healthy':
      return style.good;
    case 'failing':
    case 'open':
    case 'halfOpen':
    case 'degraded':
    case 'flapping':
    case 'unstable':
      return style.bad;
    case 'starting':
    case 'restarting':
    case 'backoff':
    case 'paused':
    case 'unknown':
      return style.warn;
  }
}

/** How long ago an ISO time was: `12m`. */
export function ago(iso: string, wall: number): string {
  // The clock of another machine may be ahead of ours.
  return durationText(Math.max(0, wall - Date.parse(iso)), 0);
}

/** An ISO time for people, in the local time zone: `2026-11-23 22:14:03`. */
export function timeText(iso: string): string {
  const time = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}
