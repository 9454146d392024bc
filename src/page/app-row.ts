import type { TargetStatus } from '../report/status.ts';
import { barsOf, barsSvg, shareOf, type Bar } from './bars.ts';
import { badgeOf } from './shapes.ts';
import { faceOf } from './face.ts';
import { labelOf } from './headline.ts';
import { html, type Html } from './html.ts';
import { appHref } from './links.ts';
import type { PageFacts, Span } from './page-facts.ts';
import { msText, sparkSvg, speedOf } from './spark.ts';
import { isoTag, percentText, untilTag } from './times.ts';

const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];

/** What changes with each probe: the state of an app, and its sentence. */
export function rowNow(target: TargetStatus, { at, incidents }: PageFacts): Html {
  const face = faceOf(target);
  const last = incidents.of(target)[0];
  const next = target.next.at;
  const wait =
    next === null || face.tone === 'good'
      ? null
      : html`<span class="next">${target.next.what}: ${untilTag(next, at)}</span>`;
  const seen =
    last === undefined ? 'no incident' : html`last incident ${isoTag(last.record.openedAt, at)}`;
  return html`${badgeOf(face)}
    <div class="text">
      <h3><a href="${appHref(target)}">${labelOf(target)}</a></h3>
      <p class="says">${saysOf(target)}</p>
      <p class="aside">${wait}<span class="last">${seen}</span></p>
    </div>`;
}

/**
 * The sentence of a target beside its state: without the state's word, which is beside it already. A healthy app
 * says what it answered.
 */
export function saysOf({ summary, state }: Pick<TargetStatus, 'summary' | 'state'>): string {
  const healthy = /^healthy \(([^()]*)\)/.exec(summary);
  if (state === 'healthy' && healthy !== null) {
    return `${healthy[1] ?? ''}${summary.slice(healthy[0].length)}`;
  }
  const head = new RegExp(`^(?:${state}|gave up|paused)[,:]? `).exec(summary)?.[0] ?? '';
  return summary.slice(head.length);
}

/** What changes with the minutes: the bars, the figures and the response times of an app. */
export function rowHistory(target: TargetStatus, { at, history }: PageFacts, span: Span): Html {
  const known = history.of(target.name, target.instance);
  const bars = barsOf(known, span, at);
  const minutes = known?.series('1m', at - HOUR_MS) ?? [];
  const speed = speedOf(minutes);
  const label = 'Response times of the last hour';
  // Whole minutes, so that it moves once a minute and not with each look.
  const to = (Math.floor(at / MINUTE_MS) + 1) * MINUTE_MS;
  const form = {
    from: to - HOUR_MS,
    ms: HOUR_MS,
    stepMs: MINUTE_MS,
    width: 120,
    height: 28,
    label,
  };
  return html`<div class="track">
      ${barsSvg(bars, span)}<span class="figure">${uptimeText(target, bars, span)}</span>
    </div>
    <div class="speed">
      ${sparkSvg(minutes, form)}<span class="figure"
        >${speed === null ? '–' : html`<b>${msText(speed.p50Ms)}</b> <small>p95 ${msText(speed.p95Ms)}</small>`}</span
      >
    </div>`;
}

/** The share of the observed time that an app was up: by its bars, else by the monitor's own figures. */
export function uptimeText({ uptime }: TargetStatus, bars: readonly Bar[], span: Span): string {
  const share = shareOf(bars) ?? (span === '90d' ? null : uptime[span].availability);
  return share === null ? 'not observed' : percentText(share);
}
