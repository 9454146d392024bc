import { BOUNDS, type Family, type HistogramPoint } from './family.ts';
import { escapeHelp, type LabelText } from './label-text.ts';

/** The two text formats that Prometheus reads. */
export type Format = 'text' | 'openmetrics';

/** The media type of each format. */
export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** The format for an `Accept` header: OpenMetrics for who asks for it at least as much as for any text. */
export function formatFor(accept: string | undefined): Format {
  let [open, text] = [0, 0];
  for (const part of (accept ?? '').slice(0, 1_000).toLowerCase().split(',')) {
    const [type = '', ...parameters] = part.split(';').map((word) => word.trim());
    const quality = Number(parameters.find((word) => word.startsWith('q='))?.slice(2) ?? '1');
    const weight = Number.isFinite(quality) ? quality : 0;
    if (type === 'application/openmetrics-text') open = Math.max(open, weight);
    if (['text/plain', 'text/*', '*/*'].includes(type)) text = Math.max(text, weight);
  }
  return open > 0 && open >= text ? 'openmetrics' : 'text';
}

/**
 * The families as text. Without a series a family is left out.
 */
export function exposition(families: readonly Family[], format: Format): string {
  const lines: string[] = [];
  for (const family of families) {
    if (family.points.length > 0) addFamily(lines, family, format);
  }
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

function addFamily(lines: string[], family: Family, format: Format): void {
  const { name, type, help } = family;
  const isOpen = format === 'openmetrics';
  const base = isOpen ? baseName(family) : name;
  const shownType = type === 'info' && !isOpen ? 'gauge' : type;
  lines.push(`# HELP ${base} ${escapeHelp(help, isOpen)}`, `# TYPE ${base} ${shownType}`);
  if (isOpen && base.endsWith('_seconds')) lines.push(`# UNIT ${base} seconds`);
  if (isOpen && base.endsWith('_bytes')) lines.push(`# UNIT ${base} bytes`);
  if (family.type === 'histogram') {
    for (const point of family.points) {
      addHistogram(lines, name, point);
      if (isOpen) lines.push(line(`${base}_created`, point.labels, family.createdAt / 1_000));
    }
    return;
  }
  for (const { labels, value } of family.points) {
    lines.push(line(name, labels, value));
    if (isOpen && family.type === 'counter') {
      lines.push(line(`${base}_created`, labels, family.createdAt / 1_000));
    }
  }
}

/** In OpenMetrics a family of counters or infos is named without the ending of its series. */
function baseName({ name, type }: Family): string {
  if (type === 'counter') return name.replace(/_total$/, '');
  return type === 'info' ? name.replace(/_info$/, '') : name;
}

/** The end of the series of each bucket, the last one for all. OpenMetrics wants a float, and the older format takes one. */
const BUCKET_ENDS: readonly string[] = [...BOUNDS, '+Inf'].map((bound) => {
  const le = Number.isInteger(bound) ? `${bound}.0` : bound;
  return `,le="${le}"} `;
});

function addHistogram(
  lines: string[],
  name: string,
  { labels, cumulative, sum }: HistogramPoint,
): void {
  for (const [index, end] of BUCKET_ENDS.entries()) {
    lines.push(`${name}_bucket{${labels}${end}${cumulative[index] ?? 0}`);
  }
  const count = cumulative.at(-1) ?? 0;
  lines.push(line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, count));
}

function line(name: string, labels: LabelText, value: number): string {
  return labels === '' ? `${name} ${numberText(value)}` : `${name}{${labels}} ${numberText(value)}`;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return Number.isNaN(value) ? 'NaN' : String(value);
}
