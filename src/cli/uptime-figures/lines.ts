import type { AppHistory, HistorySum } from '../../history/series/history.ts';
import { levelFor } from '../../history/series/steps.ts';
import { durationText } from '../../text/duration-text.ts';
import { instanceLabel } from '../../text/instance-label.ts';
import type { CliIo } from '../framework/command.ts';
import type { Style } from '../framework/style.ts';
import { tableLines, type Cell } from '../framework/table.ts';
import type { UptimeWindow, WindowFigures } from './windows.ts';

/** The terminal, and the wall time in epoch milliseconds. */
export interface UptimePage extends Pick<CliIo, 'style' | 'columns'> {
  readonly now: number;
}

/** An app with its figures; the first window is drawn. */
export interface AppUptime {
  readonly history: AppHistory;
  readonly figures: readonly WindowFigures[];
}

const MOST_BARS = 48;

/** A table of all apps, each with its bars below it, and what the bars mean. */
export function uptimeLines(
  apps: readonly AppUptime[],
  windows: readonly UptimeWindow[],
  page: UptimePage,
): string[] {
  const { style, columns } = page;
  const [drawn] = windows;
  if (drawn === undefined) return [];
  const head = ['APP', ...windows.map(({ window }) => window.toUpperCase()), ...DETAILS];
  const rows = [
    head.map((text): Cell => ({ text, paint: style.dim })),
    ...apps.map(({ history, figures }) => [
      { text: instanceLabel(history.name, history.instance), paint: style.bold },
      ...figures.map((each) => percentCell(each, style)),
      ...detailsOf(figures[0], style),
    ]),
  ];
  const [first = '', ...lines] = tableLines(rows, columns);
  const room = Math.max(8, Math.min(MOST_BARS, columns - 4));
  // No bar is shorter than a bucket: nothing would be known of those between two.
  const count = Math.max(1, Math.min(room, Math.floor(drawn.ms / levelFor(drawn.ms).ms)));
  const barMs = drawn.ms / count;
  const isPlain = style.bold('x') === 'x';
  return [
    first,
    ...lines.flatMap((line, at) => {
      const history = apps[at]?.history;
      if (history === undefined) return [line];
      const bars = history.bars(page.now - drawn.ms, barMs, count);
      return [line, `  ${bars.map((bar) => barOf(bar, isPlain, style)).join('')}`];
    }),
    style.dim(legendOf(drawn, barMs, isPlain)),
  ];
}

/** The figures of the first window, beside its percentage. */
const DETAILS = ['DOWN', 'INCIDENTS', 'LONGEST', 'UNOBSERVED'] as const;

function detailsOf(figures: WindowFigures | undefined, style: Style): Cell[] {
  if (figures === undefined) return [];
  const { downMs, incidents, longestOutageMs, upMs, unobservedMs } = figures;
  const all = upMs + downMs + unobservedMs;
  return [
    { text: downMs === 0 ? '0' : durationText(downMs), paint: downMs > 0 ? style.warn : style.dim },
    { text: String(incidents), paint: incidents > 0 ? style.warn : style.dim },
    { text: longestOutageMs === null ? '–' : durationText(longestOutageMs), paint: style.dim },
    { text: all === 0 ? '–' : `${Math.round((unobservedMs / all) * 100)} %`, paint: style.dim },
  ];
}

function percentCell({ uptime }: WindowFigures, style: Style): Cell {
  if (uptime === null) return { text: '–', paint: style.dim };
  const paint = uptime >= 0.999 ? style.good : uptime >= 0.99 ? style.warn : style.bad;
  return { text: percentText(uptime), paint };
}

/** Rounded down, so that 100 % means that it never was down. */
export function percentText(uptime: number): string {
  if (uptime === 1) return '100 %';
  return `${(Math.floor(uptime * 10_000) / 100).toFixed(2)} %`;
}

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'] as const;

/** One bar: full where it was up all the time, lower for each part of it that it was down, a dot where nobody saw it. */
function barOf({ upMs, downMs, unobservedMs }: HistorySum, isPlain: boolean, style: Style): string {
  const observedMs = upMs + downMs;
  // The last minute, which is not written yet.
  if (observedMs + unobservedMs === 0) return ' ';
  if (observedMs <= 0) return isPlain ? '.' : style.dim('·');
  if (downMs === 0) return isPlain ? '#' : style.good('█');
  const up = upMs / observedMs;
  if (isPlain) return up >= 0.5 ? '-' : '!';
  const block = BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(up * BLOCKS.length))] ?? '▁';
  return up >= 0.5 ? style.warn(block) : style.bad(block);
}

function legendOf({ window }: UptimeWindow, barMs: number, isPlain: boolean): string {
  const [up, partly, down, nobody] = isPlain ? ['#', '-', '!', '.'] : ['█', '▅', '▁', '·'];
  const each = durationText(barMs, 0);
  return `last ${window}, ${each} each: ${up} up  ${partly} partly down  ${down} mostly down  ${nobody} not observed`;
}
