import type { TargetStatus } from '../report/status.ts';
import { durationText } from '../text/duration-text.ts';
import { appArgument, shellWord } from '../text/shell-word.ts';
import { html, preHtml, type Html, type HtmlValue } from './html.ts';
import { isoTag, longText } from './times.ts';

/** How an app is checked, what was seen last, and what to type. */
export function probeHtml(target: TargetStatus, now: number): Html {
  const { probe, last, failures, threshold, restarts, instances, pid, blockFrom } = target;
  const seen =
    last === null
      ? 'no result yet'
      : html`${last.class !== null && html`<b>${last.class}</b> `}${last.detail},
        ${durationText(last.durationMs)}, at ${isoTag(last.at, now)}`;
  const rows: readonly (readonly [string, HtmlValue])[] = [
    ['Probe', html`<b>${probe.type}</b> <code>${probe.target}</code>`],
    [
      'Asked',
      `every ${durationText(probe.periodMs)}, for at most ${durationText(probe.timeoutMs)}`,
    ],
    ['Last result', seen],
    ['Bad in a row', `${failures} of ${threshold}`],
    [
      'Restarts of ours',
      `${restarts.used} of ${restarts.limit} in ${longText(restarts.withinMs)}; ${restarts.total} in all`,
    ],
    ['Process', pid > 0 ? `pid ${pid}` : 'none'],
    ['Instances', instances && `${instances.online} of ${instances.all} online`],
    ['Settings', blockFrom && html`from <code>${blockFrom}</code>`],
    ...notes(target, now),
  ];
  const shown = rows.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const list = shown.map(
    ([name, value]) =>
      html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>`,
  );
  return html`<dl>${list}</dl>
    ${pm2Restarts(target, now)}
    <h3>To type</h3>
    ${preHtml('Commands', commands(target))}`;
}

function notes(target: TargetStatus, now: number): readonly (readonly [string, HtmlValue])[] {
  const { portNote, releaseNote, heldBy, deploy, certificate, dependsOn = [] } = target;
  return [
    ['Port', portNote],
    ['Release', releaseNote],
    ['Held', heldBy ?? deploy?.reason],
    ['Certificate', certificate && html`expires ${isoTag(certificate.expires, now)}`],
    [
      'Depends on',
      dependsOn.length === 0
        ? null
        : dependsOn.map(({ name }) => html`<span class="part">${name}</span> `),
    ],
  ];
}

function pm2Restarts({ pm2Restarts: restarts = [] }: TargetStatus, now: number): Html | null {
  if (restarts.length === 0) return null;
  const items = restarts
    .toReversed()
    .map(
      ({ at, detail, count }) =>
        html`<li>
          ${isoTag(at, now)}<span>${detail}${count > 1 && ` (${count} restarts)`}</span>
        </li>`,
    );
  return html`<details id="pm2-restarts">
    <summary>Why PM2 restarted it: the last ${restarts.length}</summary>
    <ol class="steps">
      ${items}
    </ol>
  </details>`;
}

/** What a person at a terminal may want next, one command a line. */
function commands({ name, state }: TargetStatus): readonly string[] {
  const app = appArgument(name);
  const first = state === 'paused' ? [`pm2-liveness resume ${app}`] : [];
  const retry = state === 'open' ? [`pm2 trigger pm2-liveness reset ${shellWord(name)}`] : [];
  return [
    ...first,
    ...retry,
    `pm2-liveness describe ${app}`,
    `pm2-liveness events ${app}`,
    `pm2 logs ${app}`,
  ];
}
