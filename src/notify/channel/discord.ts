import { isRecord } from '../../config/bad-value.ts';
import { readJson } from '../../text/read-json.ts';
import { factsOf, footerOf, restOf, textOf, toneOf } from '../message/facts.ts';
import type { Notice, NoticeApp } from '../message/notice.ts';
import { headlineOf, subjectOf } from '../message/subject.ts';
import type { KindOfChannel } from './entry.ts';
import { httpPost, type HttpAnswer } from './http-post.ts';
import { resultOf, retryAfterOf } from './http-result.ts';
import { webAddressOf } from './web-address.ts';

/** discord.com/developers/docs, "Embed Limits": of a description, and of all embeds of a message together. */
const MAX_DESCRIPTION = 4_096;
const MAX_EMBEDS = 5_800;

/** A webhook of Discord. */
export const discord: KindOfChannel = {
  settings: ['thread_id'],
  example: 'discord:https://discord.com/api/webhooks/…',
  create(entry) {
    const { url, login, endpoint, secrets } = webAddressOf(entry, discord.example);
    const thread = entry.settings.get('thread_id');
    // Without it Discord answers before it has looked at the message.
    url.searchParams.set('wait', 'true');
    if (thread !== undefined) url.searchParams.set('thread_id', thread);
    return {
      shown: url.host,
      endpoint,
      secrets,
      async send(notice, signal) {
        const body = JSON.stringify(discordMessageOf(notice));
        const answer = await httpPost({ url, headers: login, body }, signal);
        const result = resultOf(answer, waitOf(answer));
        // The answer is the whole message.
        return result.kind === 'sent' ? { kind: 'sent', answer: '200' } : result;
      },
    };
  },
};

/** Seconds to wait, in the body of a 429. */
function waitOf(answer: HttpAnswer): number | null {
  if (answer.kind !== 'answered' || answer.status !== 429) return null;
  const read = readJson(answer.body);
  return read.ok && isRecord(read.value) ? retryAfterOf(read.value['retry_after']) : null;
}

const COLOURS = { info: 0x2e_7d_32, warning: 0xb2_6a_00, critical: 0xc6_28_28 } as const;

/** The message as one embed. Nobody is pinged by what an app says. */
export function discordMessageOf(notice: Notice): unknown {
  const title = escapeMarkdown(subjectOf(notice)).slice(0, 256);
  const footer = footerOf(notice);
  const room = Math.min(MAX_DESCRIPTION, MAX_EMBEDS - title.length - footer.length);
  return {
    username: 'pm2-liveness',
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title,
        description: descriptionOf(notice, room),
        color: COLOURS[toneOf(notice)],
        timestamp: notice.at,
        footer: { text: footer },
      },
    ],
  };
}

function descriptionOf(notice: Notice, room: number): string {
  const { apps, moreApps } = notice;
  const text = textOf(notice);
  const all = apps.map((app) => appText(app, notice));
  for (let shown = all.length; shown > 0; shown -= 1) {
    const rest = restOf(all.length - shown + moreApps);
    const whole = [...all.slice(0, shown), ...(rest === null ? [] : [rest])].join('\n\n');
    if (whole.length <= room) return whole;
  }
  return escapeMarkdown(text ?? restOf(all.length + moreApps) ?? '').slice(0, room);
}

function appText(app: NoticeApp, { apps, event }: Notice): string {
  const lines = factsOf(app).map(({ label, value, isCommand }) =>
    isCommand
      ? `**${label}:** \`${value.replaceAll('`', "'")}\``
      : `**${label}:** ${escapeMarkdown(value)}`,
  );
  const head = apps.length > 1 ? [`**${escapeMarkdown(headlineOf(app, event))}**`] : [];
  return [...head, ...lines].join('\n');
}

/** Text that Discord shows as it is: no formatting, links or mentions. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\*_~`|>#[\]<@]|:(?=\/\/)/g, String.raw`\$&`);
}
