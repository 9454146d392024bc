import { get } from 'node:http';
import { isIPv6 } from 'node:net';

/** The inspector answers from a thread of its own, also while its program hangs. */
const DEADLINE_MS = 300;

/** Its answer has about 70 bytes. */
const MAX_BYTES = 65_536;

/**
 * Resolves to true where a Node inspector listens: `GET /json/version`, which opens no session and changes
 * nothing in the process. It answers while the program runs, hangs or is paused, and does not say which.
 * Never rejects.
 */
export async function isNodeInspector(address: string, port: number): Promise<boolean> {
  const text = await answerOf(isIPv6(address) ? `[${address}]` : address, port);
  try {
    const version: unknown = JSON.parse(text);
    return (
      typeof version === 'object' &&
      version !== null &&
      'Browser' in version &&
      typeof version.Browser === 'string' &&
      /^node(?:\.js)?\//i.test(version.Browser)
    );
  } catch {
    return false;
  }
}

/** Its whole answer; empty where it comes too late or is too long. */
function answerOf(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const url = `http://${host}:${port}/json/version`;
    const asking = get(url, { agent: false, signal }, (answer) => {
      const pieces: Buffer[] = [];
      let length = 0;
      const end = (text: string): void => {
        resolve(text);
        asking.destroy();
      };
      answer.on('data', (piece: Buffer) => {
        length += piece.length;
        pieces.push(piece);
        if (length > MAX_BYTES) end('');
      });
      answer.on('end', () => end(Buffer.concat(pieces).toString('utf8')));
      answer.on('error', () => end(''));
      if (answer.statusCode !== 200) end('');
    });
    asking.on('error', () => resolve(''));
  });
}
