import type { Notice } from '../message/notice.ts';
import { toneOf } from '../message/facts.ts';
import { plainTextOf } from '../message/plain-text.ts';
import { decode, wrong, type KindOfChannel } from './entry.ts';
import { httpPost } from './http-post.ts';
import { resultOf } from './http-result.ts';
import { loginOf, webAddressOf } from './web-address.ts';

/** docs.ntfy.sh, "Limitations": the most bytes of a message; a longer one becomes a file. */
const MAX_BYTES = 4_096;
/** docs.ntfy.sh, "Message priority": 5 goes on ringing, 4 rings, 3 is usual, 2 is silent. */
const PRIORITIES = { critical: 5, warning: 4, info: 3 } as const;
/** docs.ntfy.sh, "Emoji reference". */
const TAGS = { critical: 'rotating_light', warning: 'warning', info: 'white_check_mark' } as const;

/** A topic of ntfy.sh or of a server of one's own; published as JSON, because header fields take only ASCII. */
export const ntfy: KindOfChannel = {
  settings: ['token'],
  example: 'ntfy:https://ntfy.sh/topic',
  create(entry) {
    const address = webAddressOf(entry, ntfy.example);
    const { url, endpoint, secrets } = address;
    const topic = decode(url.pathname.slice(1), 'the topic');
    if (!/^[\w-]{1,64}$/.test(topic)) {
      throw wrong(`got no topic of letters, digits, - and _, wanted ${ntfy.example}`);
    }
    url.pathname = '/';
    const headers = loginOf(entry, address);
    return {
      shown: url.host,
      endpoint,
      secrets: [...secrets, topic],
      async send(notice, signal) {
        const body = JSON.stringify({ topic, ...ntfyMessageOf(notice) });
        const result = resultOf(await httpPost({ url, headers, body }, signal));
        // The answer is the whole message.
        return result.kind === 'sent' ? { kind: 'sent', answer: '200' } : result;
      },
    };
  },
};

/** The message with its title, priority and tags. */
export function ntfyMessageOf(notice: Notice): Readonly<Record<string, unknown>> {
  const tone = toneOf(notice);
  for (let room = MAX_BYTES; ; room -= 512) {
    const { subject, body } = plainTextOf(notice, room);
    if (Buffer.byteLength(body) > MAX_BYTES) continue;
    return {
      title: subject,
      message: body,
      priority: PRIORITIES[tone],
      tags: [TAGS[tone]],
    };
  }
}
