import { createHmac } from 'node:crypto';
import { systemClock } from '../../time/clock.ts';
import { webhookDocumentOf } from '../message/webhook-document.ts';
import type { KindOfChannel } from './entry.ts';
import { httpPost } from './http-post.ts';
import { resultOf } from './http-result.ts';
import { webAddressOf } from './web-address.ts';

/** A POST of the documented JSON to a URL of the user's own, signed where it has `secret=`. */
export const webhook: KindOfChannel = {
  settings: ['secret'],
  hasOwnQuery: true,
  example: 'https://example.com/hook?secret=…',
  create(entry) {
    const { url, login, endpoint, secrets } = webAddressOf(entry, webhook.example);
    const secret = entry.settings.get('secret');
    return {
      shown: url.host,
      endpoint,
      secrets,
      async send(notice, signal) {
        const body = JSON.stringify(webhookDocumentOf(notice));
        const headers = {
          ...login,
          'idempotency-key': notice.id,
          ...(secret !== undefined && signatureOf(body, secret)),
        };
        return resultOf(await httpPost({ url, headers, body }, signal));
      },
    };
  },
};

/**
 * The signature over time and body, so that a message cannot be repeated later by others: the receiver refuses
 * an old time (docs/NOTIFY.md).
 */
export function signatureOf(
  body: string,
  secret: string,
  now = systemClock.wall(),
): Readonly<Record<'x-liveness-timestamp' | 'x-liveness-signature', string>> {
  const timestamp = String(Math.floor(now / 1000));
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'x-liveness-timestamp': timestamp, 'x-liveness-signature': `sha256=${signature}` };
}
