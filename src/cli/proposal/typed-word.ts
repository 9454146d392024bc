import { isWebSocketUrl, socketIn, tcpAddressIn } from '../check/typed-place.ts';
import { ANY_STATUS } from './block-for.ts';

/** What a person may type for a block. */
export const TYPED_WANT =
  'write a URL, host:port, a port, the path of a socket, or a block as JSON: {"http":"http://127.0.0.1:3000/"}';

/**
 * What a word can mean as a block, the best reading first; empty where it means nothing. `host` is that of a port
 * alone.
 */
export function readingsOf(word: string, host = '127.0.0.1'): readonly unknown[] {
  // `[::1]:80` is an address.
  if (/^\s*(?:\{|\[(?![\da-f:.]*\]:))/i.test(word)) return [word.trim()];
  const web = /^https?:\/\/[^/]+(?<path>\/.*)?$/i.exec(word);
  if (web !== null) {
    const any = { http: { url: word, status: ANY_STATUS } };
    // A path of its own is a question of the user's, whose answer may be no; but only if it is yes now.
    return (web.groups?.['path'] ?? '/') === '/' ? [any] : [{ http: word }, any];
  }
  if (isWebSocketUrl(word)) return [{ websocket: word }];
  const tcp = tcpAddressIn(word);
  if (tcp !== undefined) return [{ tcp }];
  if (/^\d{1,5}$/.test(word)) return atAddress(`${host}:${word}`);
  const socket = socketIn(word);
  if (socket !== undefined) {
    return [
      { http: { socket, url: 'http://localhost/', status: ANY_STATUS } },
      { tcp: { socket } },
    ];
  }
  return /:\d{1,5}$/.test(word) ? atAddress(word) : [];
}

function atAddress(address: string): readonly unknown[] {
  return [{ http: { url: `http://${address}/`, status: ANY_STATUS } }, { tcp: address }];
}
