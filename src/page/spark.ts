import type { HistoryBucket as Bucket } from '../history/series/history.ts';
import { html, Html } from './html.ts';

/** The typical and the slow response times of a stretch of time, in milliseconds. */
export interface Speed {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** The speed over buckets, weighed by their checks; null where nothing answered. */
export function speedOf(buckets: readonly Bucket[]): Speed | null {
  let [checks, p50, p95] = [0, 0, 0];
  for (const bucket of buckets) {
    if (bucket.p50Ms === null || bucket.p95Ms === null || bucket.checks === 0) continue;
    checks += bucket.checks;
    p50 += bucket.p50Ms * bucket.checks;
    p95 = Math.max(p95, bucket.p95Ms);
  }
  return checks === 0 ? null : { p50Ms: p50 / checks, p95Ms: p95 };
}

/** A response time for people: `0.4 ms`, `12 ms`, `1.2 s`. */
export function msText(ms: number): string {
  if (ms < 1) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** What the form of a line of response times is. */
export interface SparkForm {
  /** Epoch milliseconds of the left end. */
  readonly from: number;
  readonly ms: number;
  /** The length of a bucket, in milliseconds. */
  readonly stepMs: number;
  readonly width: number;
  readonly height: number;
  /** For those who do not see it: `Response times of the last hour`. */
  readonly label: string;
}

/**
 * Response times as a line (p50) in a band up to p95. Where nothing answered, the line has a gap. The scale begins
 * at 0, and its top is the greatest p95.
 */
export function sparkSvg(buckets: readonly Bucket[], form: SparkForm): Html {
  const { width, height, label } = form;
  const speed = speedOf(buckets);
  const text =
    speed === null
      ? `${label}: none.`
      : `${label}: ${msText(speed.p50Ms)} typical, ${msText(speed.p95Ms)} the slowest twentieth at most.`;
  const runs = runsOf(buckets, form.stepMs);
  const top = Math.max(1, ...buckets.map(({ p95Ms }) => p95Ms ?? 0));
  const paths = runs.map((run) => pathsOf(run, form, top)).join('');
  return html`<svg
    class="spark"
    viewBox="0 0 ${width} ${height}"
    preserveAspectRatio="none"
    role="img"
    aria-label="${text}"
  >
    <title>${text}</title>
    ${new Html(paths)}
  </svg>`;
}

/** Buckets with answers that follow each other. */
function runsOf(buckets: readonly Bucket[], stepMs: number): readonly (readonly Bucket[])[] {
  const runs: Bucket[][] = [];
  let last = -Infinity;
  for (const bucket of buckets) {
    if (bucket.p50Ms === null) continue;
    if (bucket.from - last > 1.5 * stepMs) runs.push([]);
    runs.at(-1)?.push(bucket);
    last = bucket.from;
  }
  return runs;
}

function pathsOf(run: readonly Bucket[], form: SparkForm, top: number): string {
  const { from, ms, stepMs, width, height } = form;
  const x = (at: number): string => (((at - from) / ms) * width).toFixed(1);
  const y = (value: number): string => (height - 1 - (value / top) * (height - 3)).toFixed(1);
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined) return '';
  // One bucket alone is a dash, as wide as it is long.
  const points = [...run, { ...last, from: last.from + stepMs * 0.8 }];
  const p50 = points.map((each) => `${x(each.from)} ${y(each.p50Ms ?? 0)}`).join('L');
  const p95 = points.map((each) => `${x(each.from)} ${y(each.p95Ms ?? 0)}`).join('L');
  const back = points
    .toReversed()
    .map((each) => `${x(each.from)} ${y(each.p50Ms ?? 0)}`)
    .join('L');
  return `<path class="band" d="M${p95}L${back}z"/><path class="p50" d="M${p50}" vector-effect="non-scaling-stroke"/>`;
}
