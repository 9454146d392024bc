import { isRecord } from '../../config/bad-value.ts';
import { readJson } from '../../text/read-json.ts';
import { wholeTextOf } from '../message/plain-text.ts';
import { wrong, type KindOfChannel } from './entry.ts';
import { httpPost, type HttpAnswer } from './http-post.ts';
import { resultOf, retryAfterOf } from './http-result.ts';
import { webAddressOf } from './web-address.ts';

/** core.telegram.org/bots/api#sendmessage: the most characters of a text. */
const MAX_TEXT = 4_096;
/** `<token of the bot>@<id of the chat>`; a public chat has a name: `@name`. */
const FORM = /^(?:\/\/)?(\d{3,20}:[\w-]{10,100})@(-?\d{1,20}|@?[A-Za-z]\w{3,63})\/?$/;

/** A bot of Telegram. The text is plain: nothing in it is read as markup. */
export const telegram: KindOfChannel = {
  settings: ['thread', 'api'],
  example: 'telegram:123456:token-of-the-bot@id-of-the-chat',
  create(entry) {
    const [, token = '', chat = ''] = FORM.exec(entry.rest) ?? [];
    if (token === '') throw wrong(`got no token and chat, wanted ${telegram.example}`);
    const thread = entry.settings.get('thread');
    if (thread !== undefined && !/^\d{1,15}$/.test(thread)) {
      throw wrong("got a 'thread' that is no number, wanted the topic's number");
    }
    const api = entry.settings.get('api') ?? 'https://api.telegram.org';
    const { url, login, endpoint, secrets } = webAddressOf({ ...entry, rest: api }, API_FORM);
    url.pathname = `${url.pathname.replace(/\/$/, '')}/bot${token}/sendMessage`;
    const message = {
      chat_id: /^[A-Za-z]/.test(chat) ? `@${chat}` : chat,
      link_preview_options: { is_disabled: true },
      ...(thread !== undefined && { message_thread_id: Number(thread) }),
    };
    return {
      shown: url.host,
      endpoint,
      secrets: [...secrets, token, token.replace(/^\d+:/, ''), chat],
      async send(notice, signal) {
        const body = JSON.stringify({ ...message, text: wholeTextOf(notice, MAX_TEXT) });
        const answer = await httpPost({ url, headers: login, body }, signal);
        const { reason, retryAfterMs } = wordsOf(answer);
        const result = resultOf(answer, retryAfterMs);
        if (result.kind === 'sent') return { kind: 'sent', answer: '200 ok' };
        return reason === null ? result : { ...result, reason };
      },
    };
  },
};

const API_FORM = 'api=https://… of your own Bot API server';

/** What Telegram says in the body of an error: a sentence, and seconds to wait. */
function wordsOf(answer: HttpAnswer): {
  readonly reason: string | null;
  readonly retryAfterMs: number | null;
} {
  const none = { reason: null, retryAfterMs: null };
  if (answer.kind !== 'answered') return none;
  const read = readJson(answer.body);
  if (!read.ok || !isRecord(read.value)) return none;
  const { description, parameters } = read.value;
  return {
    reason: typeof description === 'string' ? `answered ${answer.status}: ${description}` : null,
    retryAfterMs: isRecord(parameters) ? retryAfterOf(parameters['retry_after']) : null,
  };
}
