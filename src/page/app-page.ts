import type { AppHistory } from '../history/series/history.ts';
import type { TargetStatus } from '../report/status.ts';
import { barsOf, barsSvg, barText, barTime, notUp, SPAN_FORMS } from './bars.ts';
import { badgeOf } from './shapes.ts';
import { saysOf, uptimeText } from './app-row.ts';
import { faceOf } from './face.ts';
import { labelOf } from './headline.ts';
import type { Fragments } from './home-page.ts';
import { html, type Html } from './html.ts';
import { incidentList } from './incident-list.ts';
import { withLostEnds } from './incidents.ts';
import { SPANS, type PageFacts, type Span } from './page-facts.ts';
import { probeHtml } from './probe-facts.ts';
import { msText, sparkSvg, speedOf } from './spark.ts';
import { isoTag, untilTag } from './times.ts';

const [MINUTE_MS, QUARTER_MS, HOUR_MS, DAY_MS] = [60_000, 900_000, 3_600_000, 86_400_000];

/** The pieces of the page of one app. */
export function appFragments(facts: PageFacts, target: TargetStatus): Fragments {
  const { at, history, status } = facts;
  const incidents = withLostEnds(facts.incidents.of(target), status, at);
  const known = history.of(target.name, target.instance);
  return new Map([
    ['head', appHead(target, at)],
    ['bars', html`${SPANS.map((span) => spanHtml(target, known, span, at))}`],
    ['speed', speedHtml(known, at)],
    ['incidents', incidentList(incidents, at)],
    ['probe', probeHtml(target, at)],
  ]);
}

/** The page of one app around its pieces. */
export function appMain(fragments: Fragments): Html {
  const part = (id: string): Html => html`<div id="${id}">${fragments.get(id)}</div>`;
  return html`<nav class="back" aria-label="Where you are"><a href="/">All apps</a></nav>
    ${part('head')}
    <section aria-labelledby="bars-title" class="panel">
      <h2 id="bars-title">Uptime</h2>
      ${part('bars')}${LEGEND}
    </section>
    <section aria-labelledby="speed-title" class="panel">
      <h2 id="speed-title">Response times</h2>
      ${part('speed')}
    </section>
    <section aria-labelledby="incidents-title" class="panel">
      <h2 id="incidents-title">Incidents</h2>
      ${part('incidents')}
    </section>
    <section aria-labelledby="probe-title" class="panel">
      <h2 id="probe-title">How it is checked</h2>
      ${part('probe')}
    </section>`;
}

/** The page for an app that nobody watches. */
export function unknownMain(name: string): Html {
  return html`<nav class="back" aria-label="Where you are"><a href="/">All apps</a></nav>
    <div class="head calm">
      <div>
        <h1>No app of this name is watched.</h1>
        <p>${name}</p>
      </div>
    </div>`;
}

const LEGEND = html`<p class="legend" aria-hidden="true">
  <span
    ><svg width="8" height="17" viewBox="0 0 8 17"><rect class="up" width="8" height="14" /></svg
    >up</span
  ><span
    ><svg width="8" height="17" viewBox="0 0 8 17">
      <rect class="up" width="8" height="8" />
      <rect class="down" y="9" width="8" height="8" /></svg
    >down, below the line</span
  ><span
    ><svg width="8" height="17" viewBox="0 0 8 17">
      <rect width="8" height="14" fill="url(#hatch)" /></svg
    >not observed</span
  >
</p>`;

function appHead(target: TargetStatus, now: number): Html {
  const face = faceOf(target);
  const { next, incident, since } = target;
  const step =
    face.tone === 'good'
      ? null
      : html`<p class="step">
          <b>Next</b> ${next.what}${next.at !== null && html`, ${untilTag(next.at, now)}`}
        </p>`;
  const begun = incident === null ? since : incident.since;
  return html`<div class="head ${face.tone}">
    <div>
      <h1>${labelOf(target)}</h1>
      <p>${badgeOf(face)} <span class="since">since ${isoTag(begun, now)}</span></p>
      <p class="says">${saysOf(target)}</p>
      ${step}
    </div>
  </div>`;
}

function spanHtml(target: TargetStatus, history: AppHistory | null, span: Span, now: number): Html {
  const bars = barsOf(history, span, now);
  const down = notUp(bars).slice(0, 30);
  const rows = down.map(
    (bar) =>
      html`<tr>
        <th scope="row">${barTime(bar, span)}</th>
        <td>${barText(bar)}</td>
      </tr>`,
  );
  const table =
    rows.length > 0 &&
    html`<details>
      <summary>When it was down</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Seen</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </details>`;
  const share = uptimeText(target, bars, span);
  return html`<div class="span">
    <h3>${SPAN_FORMS[span].words}</h3>
    <span class="figure">${share}</span>${barsSvg(bars, span)}${table}
  </div>`;
}

function speedHtml(history: AppHistory | null, now: number): Html {
  const hour = {
    from: end(now, MINUTE_MS) - HOUR_MS,
    ms: HOUR_MS,
    stepMs: MINUTE_MS,
    label: 'Last hour',
  };
  const day = {
    from: end(now, QUARTER_MS) - DAY_MS,
    ms: DAY_MS,
    stepMs: QUARTER_MS,
    label: 'Last 24 hours',
  };
  const size = { width: 480, height: 72 };
  const charts = [
    { form: hour, buckets: history?.series('1m', hour.from) ?? [] },
    { form: day, buckets: history?.series('15m', day.from) ?? [] },
  ].map(({ form, buckets }) => {
    const speed = speedOf(buckets);
    const most = Math.max(0, ...buckets.map(({ maxMs }) => maxMs ?? 0));
    const figures =
      speed === null
        ? html`<p class="quiet">no answer yet</p>`
        : html`<p class="figures">
            <span><b>${msText(speed.p50Ms)}</b> typical</span>
            <span><b>${msText(speed.p95Ms)}</b> p95</span>
            <span><b>${msText(most)}</b> slowest</span>
          </p>`;
    return html`<div class="chart">
      <h3>${form.label}</h3>
      ${figures}${sparkSvg(buckets, { ...form, ...size, label: `Response times, ${form.label.toLowerCase()}` })}
    </div>`;
  });
  return html`<div class="charts">${charts}</div>`;
}

/** The end of the step that holds `now`: a chart moves once a step, not with each look. */
function end(now: number, stepMs: number): number {
  return (Math.floor(now / stepMs) + 1) * stepMs;
}
