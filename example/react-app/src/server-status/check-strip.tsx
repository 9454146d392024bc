import { KEPT_SAMPLES } from './sample.ts';
import type { Sample } from './sample.ts';

/** The latest checks as bars, newest at the right: taller is slower, a full red bar failed. */
export function CheckStrip({ samples }: { readonly samples: readonly Sample[] }) {
  const failed = samples.filter((sample) => sample.failure !== null).length;

  return (
    <figure className="strip">
      <svg
        viewBox={`0 0 ${KEPT_SAMPLES * 6 - 2} 40`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`The last ${samples.length} checks, ${failed} of them failed`}
      >
        {Array.from({ length: KEPT_SAMPLES }, (_, slot) => {
          const sample = samples[slot - KEPT_SAMPLES + samples.length];
          const height = sample === undefined ? 3 : barHeight(sample);
          return (
            <rect
              key={slot}
              className={barClass(sample)}
              x={slot * 6}
              y={40 - height}
              width={4}
              height={height}
              rx={1.5}
            />
          );
        })}
      </svg>
      <figcaption>Last {KEPT_SAMPLES} checks, one a second</figcaption>
    </figure>
  );
}

// Logarithmic, because a healthy answer takes 2 ms and a slow one a thousand times as long.
function barHeight({ tookMs, failure }: Sample): number {
  if (failure !== null) return 40;
  return Math.min(36, 8 + 8 * Math.log10(Math.max(1, tookMs)));
}

function barClass(sample: Sample | undefined): string {
  if (sample === undefined) return 'strip-none';
  return sample.failure === null ? 'strip-up' : 'strip-down';
}
