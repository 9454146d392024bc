import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { codeOf } from '../../errors.ts';
import type { SendPing } from './dead-man-switch.ts';

const MOST_MS = 10_000;

/** Asks by GET, or by POST where there is a body. Redirects are not followed; nothing of the answer is kept. */
export const sendPing: SendPing = (url, body) =>
  new Promise((resolve) => {
    const request = url.startsWith('https:') ? requestHttps : requestHttp;
    const asked = request(url, { method: body === null ? 'GET' : 'POST', agent: false });
    const timer = setTimeout(() => end('no answer'), MOST_MS);
    const end = (problem: string | null): void => {
      clearTimeout(timer);
      asked.destroy();
      resolve(problem);
    };
    asked.on('response', ({ statusCode = 0 }) =>
      end(statusCode >= 200 && statusCode < 300 ? null : `answered ${statusCode}`),
    );
    // The message can have the host's address; the code says enough.
    asked.on('error', (error) => end(codeOf(error) ?? 'cannot be reached'));
    asked.end(body ?? undefined);
  });
