import { escapeHtml } from '../../text/escape-html.ts';
import { factsOf, footerOf, restOf, textOf, toneOf } from './facts.ts';
import type { Notice, NoticeApp } from './notice.ts';
import { headlineOf, subjectOf } from './subject.ts';

/**
 * The message as HTML for a mail: no script, image, link or style sheet, because mail programs block them. All
 * that an app or a user wrote is escaped.
 */
export function htmlOf(notice: Notice): string {
  const { apps, moreApps } = notice;
  const text = textOf(notice);
  const rest = restOf(moreApps);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta name="viewport" content="width=device-width"><title>${escapeHtml(subjectOf(notice))}</title></head>`,
    '<body style="font-family:sans-serif;font-size:16px;line-height:1.4">',
    `<h1 style="font-size:18px;border-left:6px solid ${COLOURS[toneOf(notice)]};padding-left:8px">${escapeHtml(subjectOf(notice))}</h1>`,
    ...(text === null ? [] : [`<p>${escapeHtml(text)}</p>`]),
    ...apps.map((app) => sectionOf(app, notice)),
    ...(rest === null ? [] : [`<p>${escapeHtml(rest)}</p>`]),
    `<p style="color:#666;font-size:13px">${escapeHtml(footerOf(notice))}</p>`,
    '</body></html>',
  ].join('\n');
}

const COLOURS = { info: '#2e7d32', warning: '#b26a00', critical: '#c62828' } as const;

function sectionOf(app: NoticeApp, { apps, event }: Notice): string {
  const rows = factsOf(app).map(({ label, value, isCommand }) => {
    const text = escapeHtml(value);
    const cell = isCommand ? `<code>${text}</code>` : text;
    return `<tr><th style="text-align:left;vertical-align:top;padding-right:12px">${label}</th><td>${cell}</td></tr>`;
  });
  const head =
    apps.length > 1 ? `<h2 style="font-size:16px">${escapeHtml(headlineOf(app, event))}</h2>` : '';
  return `${head}<table>${rows.join('')}</table>`;
}
