import { singleLine } from '../../text/single-line.ts';
import { factsOf, footerOf, restOf, textOf } from '../message/facts.ts';
import type { Notice, NoticeApp } from '../message/notice.ts';
import { headlineOf, subjectOf } from '../message/subject.ts';
import type { KindOfChannel } from './entry.ts';
import { httpPost } from './http-post.ts';
import { resultOf } from './http-result.ts';
import { webAddressOf } from './web-address.ts';

/** docs.slack.dev, "Blocks": the most characters of a section's text. */
const MAX_SECTION = 3_000;

/** An incoming webhook of Slack, or of Mattermost and others that take the same. */
export const slack: KindOfChannel = {
  settings: [],
  example: 'slack:https://hooks.slack.com/services/…',
  create(entry) {
    const { url, login, endpoint, secrets } = webAddressOf(entry, slack.example);
    return {
      shown: url.host,
      endpoint,
      secrets,
      async send(notice, signal) {
        const body = JSON.stringify(slackMessageOf(notice));
        return resultOf(await httpPost({ url, headers: login, body }, signal));
      },
    };
  },
};

/** The message in blocks; `text` is what a phone shows of it. At most 13 of the 50 blocks that Slack takes. */
export function slackMessageOf(notice: Notice): {
  readonly text: string;
  readonly blocks: readonly unknown[];
} {
  const subject = subjectOf(notice);
  const text = textOf(notice);
  const rest = restOf(notice.moreApps);
  return {
    // Slack reads commands such as `<!channel>` in it.
    text: escapeMrkdwn(subject),
    blocks: [
      { type: 'header', text: plain(subject) },
      ...(text === null ? [] : [section(escapeMrkdwn(text))]),
      ...notice.apps.map((app) => section(appText(app, notice))),
      ...(rest === null ? [] : [section(escapeMrkdwn(rest))]),
      { type: 'context', elements: [plain(footerOf(notice))] },
    ],
  };
}

function appText(app: NoticeApp, { apps, event }: Notice): string {
  const lines = factsOf(app).map(({ label, value, isCommand }) => {
    // In code Slack formats nothing; a sign more, and the command would not run.
    const text = isCommand
      ? `\`${escapeControl(value.replaceAll('`', "'"))}\``
      : escapeMrkdwn(value);
    return `*${label}:* ${text}`;
  });
  const head = apps.length > 1 ? [`*${escapeMrkdwn(headlineOf(app, event))}*`] : [];
  return [...head, ...lines].join('\n');
}

/** `verbatim`: Slack makes no links of what looks like a URL or a name. */
function section(text: string): unknown {
  const cut = text.length <= MAX_SECTION ? text : `${text.slice(0, MAX_SECTION - 1)}…`;
  return { type: 'section', text: { type: 'mrkdwn', text: cut, verbatim: true } };
}

function plain(text: string): unknown {
  return { type: 'plain_text', text: singleLine(text, 150), emoji: false };
}

/** Others' text without formatting: a zero-width space keeps the sign, and Slack shows no bold or code. */
function escapeMrkdwn(text: string): string {
  return escapeControl(text).replaceAll(/[*_~`]/g, '\u200B$&');
}

/** docs.slack.dev, "Formatting message text": these three characters are all that Slack reads as control. */
function escapeControl(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
