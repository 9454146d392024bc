import { get } from 'node:http';

const PERIOD_MS = 20;

/** Fifty requests a second. */
export class Load {
  readonly #timer: NodeJS.Timeout;
  readonly #asked: Promise<string | null>[] = [];

  constructor(port: number) {
    this.#timer = setInterval(() => this.#asked.push(askPort(port)), PERIOD_MS);
  }

  async stop(): Promise<{ all: number; failed: number; reasons: readonly string[] }> {
    clearInterval(this.#timer);
    const answers = await Promise.all(this.#asked);
    const reasons = answers.filter((answer) => answer !== null);
    return { all: answers.length, failed: reasons.length, reasons: [...new Set(reasons)] };
  }
}

/** Asks a port of loopback once. Null for a good answer, else what was wrong. */
export function askPort(port: number, path = '/'): Promise<string | null> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, timeout: 10_000 }, (response) => {
      response.resume();
      response.on('end', () =>
        resolve(response.statusCode === 200 ? null : `${response.statusCode}`),
      );
      response.on('error', () => resolve('broken off'));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => resolve(error.message));
  });
}
