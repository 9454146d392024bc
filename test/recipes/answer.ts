import { get } from 'node:http';
import { get as getSecurely } from 'node:https';

/** What a GET was answered; status 0 for nobody, or not in time. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks once, over a connection of its own. A certificate is not checked: that is the probe's to do. */
export function answerOf(url: string, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const isSecure = url.startsWith('https:');
    const options = { agent: false, timeout: timeoutMs, rejectUnauthorized: false } as const;
    const request = (isSecure ? getSecurely : get)(url, options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve({ status: 0, body: '' }));
    request.on('close', () => resolve({ status: 0, body: '' }));
  });
}
