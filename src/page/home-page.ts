import type { StatusDocument } from '../report/status.ts';
import { SPAN_FORMS } from './bars.ts';
import { shapeOf } from './shapes.ts';
import { rowHistory, rowNow } from './app-row.ts';
import type { RowHistory } from './kept-rows.ts';
import { worstFirst } from './face.ts';
import { headlineOf, labelOf, type Headline } from './headline.ts';
import { html, type Html } from './html.ts';
import { withLostEnds } from './incidents.ts';
import { lastDayOf, type Happening } from './last-day.ts';
import { appHref, rowIdsOf } from './links.ts';
import { SPANS, type PageFacts, type Span } from './page-facts.ts';
import { longText, timesText, timeTag } from './times.ts';

/** The pieces of a page that change alone, by the id of their element. */
export type Fragments = ReadonlyMap<string, Html>;

/** The lines of the last day that are seen at once; the rest opens. */
const MOST_LINES = 6;

/** The pieces of the front page. Rows have two: what changes with a probe, and what with the minutes. */
export function homeFragments(
  facts: PageFacts,
  span: Span,
  historyOf: RowHistory = rowHistory,
): Fragments {
  const { status, at, incidents } = facts;
  const day = lastDayOf(withLostEnds(incidents.all, status, at), at);
  const fragments = new Map([
    ['head', headHtml(withDay(headlineOf(status, at), day))],
    ['notes', notesHtml(status)],
    ['last-day', lastDayHtml(day, status, at)],
    ['empty', status.targets.length === 0 ? emptyHtml(status) : html``],
    ['others', othersHtml(status)],
  ]);
  for (const [target, id] of rowIdsOf(status.targets)) {
    fragments.set(`${id}-now`, rowNow(target, facts));
    fragments.set(`${id}-past`, historyOf(target, facts, span));
  }
  return fragments;
}

/** Where all is well, the sentence is followed by the number of incidents of the last day. */
function withDay(headline: Headline, lines: readonly Happening[]): Headline {
  if (headline.tone !== 'good') return headline;
  const count = lines.reduce((sum, line) => sum + line.count, 0);
  const day =
    count === 0
      ? 'No incident in the last 24 hours.'
      : `${count === 1 ? 'One incident' : `${count} incidents`} in the last 24 hours, and none now.`;
  return { ...headline, more: headline.more === null ? day : `${headline.more} ${day}` };
}

/** The ids of the rows, worst first. */
export function rowOrder({ targets }: StatusDocument): readonly string[] {
  const ids = rowIdsOf(targets);
  return worstFirst(targets).flatMap((target) => ids.get(target) ?? []);
}

/** The front page around its pieces. */
export function homeMain(fragments: Fragments, order: readonly string[], span: Span): Html {
  const piece = (id: string): Html => fragments.get(id) ?? html``;
  const rows = order.map(
    (id) =>
      html`<li id="${id}">
        <article>
          <div class="now" id="${id}-now">${piece(`${id}-now`)}</div>
          <div class="past" id="${id}-past">${piece(`${id}-past`)}</div>
        </article>
      </li>`,
  );
  const part = (id: string): Html => html`<div id="${id}">${piece(id)}</div>`;
  return html`${part('head')}${part('notes')}
    <section aria-labelledby="day-title" class="day">
      <h2 id="day-title">In the last 24 hours</h2>
      ${part('last-day')}
    </section>
    <section aria-labelledby="apps-title" class="apps">
      <div class="bar">
        <h2 id="apps-title">Apps</h2>
        <label class="filter" id="filter" hidden
          ><span>Filter</span
          ><input
            type="search"
            id="filter-text"
            autocomplete="off"
            spellcheck="false"
            placeholder="name or state" /></label
        >${spanLinks(span)}
      </div>
      ${part('empty')}
      <p id="none" class="quiet" hidden>No app matches the filter.</p>
      <ol id="rows" class="rows">
        ${rows}
      </ol>
    </section>
    ${part('others')}`;
}

function spanLinks(span: Span): Html {
  const links = SPANS.map((each) =>
    each === span
      ? html`<a href="/?span=${each}" aria-current="true">${SPAN_FORMS[each].words}</a>`
      : html`<a href="/?span=${each}">${SPAN_FORMS[each].words}</a>`,
  );
  return html`<nav class="spans" aria-label="Time that the bars show">${links}</nav>`;
}

/** The sentence at the top of a page. */
export function headHtml({ tone, shape, text, more }: Headline): Html {
  return html`<div class="head ${tone}">
    ${shapeOf(shape, tone)}
    <div>
      <h1>${text}</h1>
      ${more !== null && html`<p>${more}</p>`}
    </div>
  </div>`;
}

/** What is wrong with the monitor's own settings. */
function notesHtml({ problems, misconfigured }: StatusDocument): Html {
  const bad = misconfigured.map(
    ({ name }) =>
      html`<li>
        <b>${name}</b> is not watched: its <code>env_liveness</code> cannot be used.
        <code>pm2-liveness doctor</code> says why.
      </li>`,
  );
  const all = [...bad, ...problems.map((problem) => html`<li>${problem}</li>`)];
  return all.length === 0
    ? html``
    : html`<ul class="notes" aria-label="Problems of the monitor">
        ${all}
      </ul>`;
}

function lastDayHtml(lines: readonly Happening[], { monitor }: StatusDocument, at: number): Html {
  // Who watches nothing yet cannot say that nothing happened.
  const none =
    monitor.lastRoundAt === null ? 'No incident is known.' : 'Nothing happened: no incident.';
  if (lines.length === 0) return html`<p class="quiet">${none}</p>`;
  const [first, rest] = [lines.slice(0, MOST_LINES), lines.slice(MOST_LINES, 100)];
  const more =
    rest.length > 0 &&
    html`<details>
      <summary>${rest.length} more</summary>
      <ul class="lines">
        ${rest.map((line) => lineHtml(line, at))}
      </ul>
    </details>`;
  return html`<ul class="lines">
      ${first.map((line) => lineHtml(line, at))}
    </ul>
    ${more}`;
}

function lineHtml(line: Happening, now: number): Html {
  const { to, count, first, from, downMs, restarts, cause, detail } = line;
  const isOpen = to === null;
  const target = { name: line.app, instance: line.instance };
  const parts = [
    isOpen ? html`since ${timeTag(from, now)}` : html`${timeTag(first, now)} – ${timeTag(to, now)}`,
    count > 1 &&
      (isOpen ? html`${timesText(count)} since ${timeTag(first, now)}` : timesText(count)),
    isOpen ? 'not over' : ended(line.end),
    downMs > 0 && `down ${longText(downMs)}${count > 1 ? ' in all' : ''}`,
    restarts > 0 && `restarted ${timesText(restarts)}`,
  ];
  const shown = parts.filter((part) => part !== false).map((part) => html`<span>${part}</span>`);
  return html`<li class="${isOpen ? 'open' : 'over'}">
    ${isOpen ? shapeOf('stop', 'bad') : shapeOf('up', 'good')}
    <div>
      <p><a href="${appHref(target)}">${labelOf(target)}</a> ${cause}: ${detail}</p>
      <p class="aside">${shown}</p>
    </div>
  </li>`;
}

function ended(end: string | null): string {
  return end === 'unseen' || end === null ? 'end not seen' : end;
}

/** What to type where nothing is watched. */
function emptyHtml({ monitor, unwatched = [] }: StatusDocument): Html {
  if (monitor.state === 'standby')
    return html`<p class="quiet">The page of the monitor that leads shows them.</p>`;
  if (monitor.lastRoundAt === null)
    return html`<p class="quiet">They come with PM2's list, in a moment.</p>`;
  const [app = '<app>'] = unwatched;
  return html`<div class="empty">
    <p>Tell the monitor how to ask an app whether it works:</p>
    <pre><code>pm2-liveness watch ${app}</code></pre>
    <p>
      or write an <code>env_liveness</code> block into the ecosystem file:
      <code>pm2-liveness init</code> proposes one.
    </p>
  </div>`;
}

function othersHtml({ unwatched = [] }: StatusDocument): Html {
  if (unwatched.length === 0) return html``;
  const names = unwatched.slice(0, 50).map((name) => html`<li>${name}</li>`);
  const left = unwatched.length - names.length;
  return html`<section aria-labelledby="others-title" class="others">
    <h2 id="others-title">Not watched</h2>
    <ul>
      ${names}${left > 0 && html`<li>and ${left} more</li>`}
    </ul>
  </section>`;
}
