import { get } from 'node:http';
import { urlHost } from '../text/url-host.ts';

/** The inspector answers from a thread of its own, also while its program hangs. */
const DEADLINE_MS = 300;

/** A random UUID. */
const TARGET = /^[0-9a-f-]{1,64}$/;

/** Its answers have some hundred bytes. */
const MAX_BYTES = 65_536;

/**
 * Resolves to true where a Node inspector listens: `GET /json/version`, which opens no session and changes
 * nothing in the process. It answers while the program runs, hangs or is paused, and does not say which.
 * Never rejects.
 */
export async function isNodeInspector(address: string, port: number): Promise<boolean> {
  const text = await answerOf(address, port, '/json/version');
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

/** The id of the one program behind an inspector; null where it does not say. Never rejects. */
export async function inspectorTarget(address: string, port: number): Promise<string | null> {
  const text = await answerOf(address, port, '/json/list');
  try {
    const [first]: unknown[] = JSON.parse(text);
    const isNamed = typeof first === 'object' && first !== null && 'id' in first;
    return isNamed && typeof first.id === 'string' && TARGET.test(first.id) ? first.id : null;
  } catch {
    return null;
  }
}

/** Its whole answer; empty where it comes too late or is too long. */
function answerOf(address: string, port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const url = `http://${urlHost(address)}:${port}${path}`;
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
