import { shapeOf } from './shapes.ts';
import { html, preHtml, type Html } from './html.ts';
import { diagnosisOf, endText } from './incidents.ts';
import type { PageIncident } from './page-facts.ts';
import { isoTag, longText, timesText } from './times.ts';

/** How many incidents the page of an app has. */
const MOST = 50;

/** The incidents of an app, newest first; each opens. */
export function incidentList(incidents: readonly PageIncident[], now: number): Html {
  if (incidents.length === 0) return html`<p class="quiet">No incident is known.</p>`;
  const items = incidents.slice(0, MOST).map((incident, n) => itemHtml(incident, n === 0, now));
  const left = incidents.length - MOST;
  const more =
    left > 0 && html`<p class="quiet">and ${left} older ones: <code>pm2-liveness events</code></p>`;
  return html`<ol class="incidents">
      ${items}
    </ol>
    ${more}`;
}

function itemHtml({ id, record }: PageIncident, isFirst: boolean, now: number): Html {
  const isOpen = record.resolvedAt === null && record.end === null;
  const shape = isOpen ? shapeOf('stop', 'bad') : shapeOf('up', 'good');
  const facts = [
    endText(record) ?? 'not over',
    record.downtimeMs !== null && `down ${longText(record.downtimeMs)}`,
    record.restarts > 0 && `restarted ${timesText(record.restarts)}`,
  ].filter((part) => part !== false);
  const isSeen = isOpen && isFirst ? html` open` : null;
  return html`<li class="${isOpen ? 'open' : 'over'}">
    <details id="i-${id.replace(/[^\w-]/g, '')}" ${isSeen}>
      <summary>
        ${shape}<span class="what"><b>${record.class}</b> ${record.detail}</span
        ><span class="aside"
          ><span>${isoTag(record.openedAt, now)}</span
          >${facts.map((part) => html`<span>${part}</span>`)}</span
        >
      </summary>
      ${storyHtml(record, now)}
    </details>
  </li>`;
}

/** What led to an incident, what was done, and what it was doing then. */
function storyHtml(record: PageIncident['record'], now: number): Html {
  const steps = [
    ...record.trail.map(({ at, text }) => ({ at, text: html`${text}`, kind: 'seen' })),
    ...record.actions.map(({ at, method, result, detail }) => {
      return { at, text: html`<b>${method}: ${result}</b> ${detail}`, kind: 'done' };
    }),
  ].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const over =
    record.resolvedAt !== null &&
    html`<li class="end">${isoTag(record.resolvedAt, now)}<span>${endText(record)}</span></li>`;
  const list = steps.map(
    ({ at, text, kind }) => html`<li class="${kind}">${isoTag(at, now)}<span>${text}</span></li>`,
  );
  return html`<div class="story">
    <ol class="steps">
      ${list}${over}
    </ol>
    ${block('What it was doing', diagnosisOf(record))}
  </div>`;
}

function block(title: string, lines: readonly string[]): Html | null {
  if (lines.length === 0) return null;
  return html`<h3>${title}</h3>
    ${preHtml(title, lines)}`;
}
