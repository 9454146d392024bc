import { factsOf, footerOf, restOf, textOf, toneOf } from '../message/facts.ts';
import type { Notice, NoticeApp } from '../message/notice.ts';
import { headlineOf, subjectOf } from '../message/subject.ts';
import type { KindOfChannel } from './entry.ts';
import { httpPost, type HttpAnswer } from './http-post.ts';
import { resultOf } from './http-result.ts';
import { webAddressOf } from './web-address.ts';

/** learn.microsoft.com, "Create incoming webhooks": the most bytes of a message. */
const MAX_BYTES = 28 * 1024;

/** A workflow of Teams, "Post to a channel when a webhook request is received". */
export const teams: KindOfChannel = {
  settings: [],
  hasOwnQuery: true,
  example: 'teams:https://….logic.azure.com/workflows/…',
  create(entry) {
    const { url, login, endpoint, secrets } = webAddressOf(entry, teams.example);
    return {
      shown: url.host,
      endpoint,
      secrets,
      async send(notice, signal) {
        const body = teamsBodyOf(notice);
        return resultOf(honest(await httpPost({ url, headers: login, body }, signal)));
      },
    };
  },
};

/** Connectors of Teams answer 200 with an error of Teams in the text. */
function honest(answer: HttpAnswer): HttpAnswer {
  if (answer.kind !== 'answered' || answer.status !== 200) return answer;
  const status = /HTTP error (\d{3})\b/.exec(answer.body)?.[1];
  return status === undefined ? answer : { ...answer, status: Number(status) };
}

/** The message as an adaptive card, with as many apps as fit. */
export function teamsBodyOf(notice: Notice): string {
  for (let shown = notice.apps.length; shown > 0; shown -= 1) {
    const body = JSON.stringify(messageOf(notice, shown));
    if (Buffer.byteLength(body) <= MAX_BYTES) return body;
  }
  return JSON.stringify(messageOf(notice, 0));
}

const COLOURS = { info: 'good', warning: 'warning', critical: 'attention' } as const;

function messageOf(notice: Notice, shown: number): unknown {
  const { apps, moreApps } = notice;
  const text = textOf(notice);
  const rest = restOf(apps.length - shown + moreApps);
  const title = { weight: 'bolder', size: 'large', color: COLOURS[toneOf(notice)] };
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      line([run(subjectOf(notice), title)]),
      ...(text === null ? [] : [line([run(text)])]),
      ...apps.slice(0, shown).flatMap((app) => linesOf(app, notice)),
      ...(rest === null ? [] : [line([run(rest)])]),
      line([run(footerOf(notice), { isSubtle: true, size: 'small' })]),
    ],
  };
  const contentType = 'application/vnd.microsoft.card.adaptive';
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content: card }] };
}

function linesOf(app: NoticeApp, { apps, event }: Notice): readonly unknown[] {
  const head = apps.length > 1 ? [line([run(headlineOf(app, event), { weight: 'bolder' })])] : [];
  const facts = factsOf(app).map(({ label, value, isCommand }) =>
    line([
      run(`${label}: `, { weight: 'bolder' }),
      run(value, isCommand ? { fontType: 'monospace' } : {}),
    ]),
  );
  return [...head, ...facts];
}

/** A TextRun, unlike a TextBlock, reads no markdown: what an app says becomes neither a link nor bold. */
function run(text: string, look: Readonly<Record<string, unknown>> = {}): unknown {
  return { type: 'TextRun', text, ...look };
}

function line(inlines: readonly unknown[]): unknown {
  return { type: 'RichTextBlock', inlines };
}
