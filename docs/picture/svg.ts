import stringWidth from 'string-width';
import { runsOf, type Run } from './ansi.ts';
import { partsOf, type Film, type Part } from './film.ts';

/** What is drawn around the film. */
export interface Setting {
  readonly title: string;
  /** For who cannot see it. */
  readonly description: string;
  readonly columns: number;
  readonly rows: number;
}

const [CELL, LINE, MARGIN, BAR] = [8.4, 19, 14, 30];

/** Dark in a light page and in a dark one, as a terminal is. */
const STYLE = `
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #e6edf3; white-space: pre }
.red { fill: #ff7b72 } .green { fill: #56d364 } .yellow { fill: #e3b341 } .dim { fill: #9198a1 } .bold { font-weight: bold }
@media (prefers-reduced-motion: reduce) { g { animation: none !important } }
`.trim();

/** The film as an image that moves by itself: no script, and nothing that is loaded from elsewhere. */
export function svgOf(film: Film, { title, description, columns, rows }: Setting): string {
  const width = Math.ceil(columns * CELL + 2 * MARGIN);
  const height = Math.ceil(BAR + rows * LINE + 2 * MARGIN);
  const parts = partsOf(film);
  const moving = parts.filter((part) => !isConstant(part, film));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(description)}</desc>`,
    `<style>${STYLE}`,
    ...moving.map((part, at) => animation(part, at, film)),
    '</style>',
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="#0d1117" stroke="#3d444d"/>`,
    `<path d="M0 ${BAR}H${width}" stroke="#3d444d"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (colour, at) => `<circle cx="${18 + at * 18}" cy="15" r="5.5" fill="${colour}"/>`,
    ),
    `<text x="${width / 2}" y="20" text-anchor="middle" class="dim">${escaped(title)}</text>`,
    ...parts.map((part) => drawn(part, moving.indexOf(part), film)),
    '</svg>',
    '',
  ].join('\n');
}

function isConstant({ times }: Part, { lengthMs }: Film): boolean {
  return times.length === 1 && times[0]?.[0] === 0 && times[0][1] === lengthMs;
}

/** Shown in its times; each key holds until the next one. */
function animation({ times }: Part, at: number, { lengthMs }: Film): string {
  const keys = new Map<number, 0 | 1>([[0, 0]]);
  for (const [from, until] of times) {
    keys.set(from, 1);
    if (until < lengthMs) keys.set(until, 0);
  }
  const steps = [...keys].map(
    ([ms, opacity]) => `${Number(((100 * ms) / lengthMs).toFixed(2))}%{opacity:${opacity}}`,
  );
  const name = `m${at}`;
  return `@keyframes ${name}{${steps.join('')}}#${name}{animation:${name} ${lengthMs}ms step-end infinite}`;
}

/** One line. Where nothing moves, the last picture is what is seen. */
function drawn({ row, line, times }: Part, at: number, { lengthMs }: Film): string {
  const y = BAR + MARGIN + (row + 0.75) * LINE;
  const isLast = times.at(-1)?.[1] === lengthMs;
  const texts = positioned(runsOf(line)).map(({ run, column }) => textOf(run, column, y));
  if (at < 0) return texts.join('');
  return `<g id="m${at}"${isLast ? '' : ' opacity="0"'}>${texts.join('')}</g>`;
}

function positioned(runs: readonly Run[]): { readonly run: Run; readonly column: number }[] {
  let column = 0;
  return runs
    .map((run) => {
      const at = { run, column };
      column += stringWidth(run.text);
      return at;
    })
    .filter(({ run }) => run.text.trim() !== '');
}

/** As wide as its columns, whatever the font. */
function textOf(run: Run, column: number, y: number): string {
  const start = run.text.length - run.text.trimStart().length;
  const text = run.text.trim();
  const classes = [run.colour, run.isBold && 'bold', run.isDim && 'dim'].filter(Boolean).join(' ');
  const x = Number((MARGIN + (column + start) * CELL).toFixed(1));
  const length = Number((stringWidth(text) * CELL).toFixed(1));
  const painted = classes === '' ? '' : ` class="${classes}"`;
  return `<text x="${x}" y="${y}" textLength="${length}"${painted}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
