import { sanitizeData, sanitizeLine } from '../../text/sanitize.ts';
import type { StatusDocument } from '../../report/status.ts';
import { tableLines, wrapText, type Cell } from '../framework/table.ts';
import type { ExitCode } from '../framework/command.ts';
import type { HostAnswer } from './ask-host.ts';
import { HEAD, misconfiguredLines, monitorLines, reasonOf, rowOf, type Page } from './lines.ts';
import { isAllWell } from './monitor-status.ts';

/** A row of the table, and the lines below it. */
interface Row {
  readonly cells: readonly Cell[];
  readonly below: readonly string[];
}

/** One host: its rows, and its part of the exit code. */
interface HostRows {
  readonly rows: readonly Row[];
  /** 0 where all apps are well, 1 where one is not, 3 where it is not known. */
  readonly code: ExitCode;
}

/** Five columns: the addresses of the apps are those of other machines, and `--json` has them. */
const COLUMNS = HEAD.slice(0, -1);

/** One table over all hosts, a row per app, and the worst of their exit codes. */
export function hostLines(
  answers: readonly HostAnswer[],
  page: Page,
): { readonly lines: readonly string[]; readonly code: ExitCode } {
  const hosts = answers.map((answer) => rowsOf(answer, page));
  const rows = hosts.flatMap((host) => host.rows);
  const head = ['HOST', ...COLUMNS].map((text): Cell => ({ text, paint: page.style.dim }));
  const [first = '', ...drawn] = tableLines(
    [head, ...rows.map(({ cells }) => cells)],
    page.columns,
  );
  const lines = drawn.flatMap((line, at) => [line, ...(rows[at]?.below ?? [])]);
  return { lines: [first, ...lines], code: worstOf(hosts.map(({ code }) => code)) };
}

/** The greatest one. */
function worstOf(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce((worst, code) => (code > worst ? code : worst), 0);
}

function rowsOf(answer: HostAnswer, page: Page): HostRows {
  if (answer.document === null) return unknownRows(answer.host.title, answer.problem, page);
  try {
    return knownRows(answer.host.title, answer.document, page);
  } catch {
    // Only the outer fields of a document are checked: it comes from another version, or from anywhere.
    return unknownRows(answer.host.title, 'its status document cannot be read', page);
  }
}

function unknownRows(title: string, problem: string, page: Page): HostRows {
  const { style } = page;
  const cells = [
    hostCell(title, page),
    { text: '–' },
    { text: 'unknown', paint: style.warn },
    ...COLUMNS.slice(2).map(() => ({ text: '–' })),
  ];
  return { rows: [{ cells, below: indented(sanitizeLine(problem), page) }], code: 3 };
}

function knownRows(title: string, document: StatusDocument, page: Page): HostRows {
  const { targets } = sanitizeData(document);
  const rows = targets.map((target): Row => {
    const cells = [hostCell(title, page), ...rowOf(target, page).slice(0, COLUMNS.length)];
    if (cells.some(({ text }) => typeof text !== 'string')) throw new TypeError('no text');
    return { cells, below: reasonOf(target, page) };
  });
  const ofMonitor = [...monitorLines(document, page), ...misconfiguredLines(document, page)].map(
    (line) => `  ${line}`,
  );
  const nothing: Row = {
    cells: [hostCell(title, page), ...COLUMNS.map(() => ({ text: '–' }))],
    below: targets.length === 0 && ofMonitor.length === 0 ? ['  no app is watched there'] : [],
  };
  const [first = nothing, ...others] = rows;
  const code = isAllWell(document) && document.monitor.unfit === null ? 0 : 1;
  return { rows: [{ ...first, below: [...first.below, ...ofMonitor] }, ...others], code };
}

function hostCell(title: string, { style }: Page): Cell {
  return { text: title, paint: style.bold };
}

function indented(text: string, { columns }: Page): string[] {
  return wrapText(text, columns - 2).map((line) => `  ${line}`);
}
