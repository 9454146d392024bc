import { createHash } from 'node:crypto';
import type { HttpAnswer } from '../http/exchange.ts';
import { locationText } from '../http/location-text.ts';
import { headersFor, pathOf } from '../http/request.ts';
import type { HttpRequest } from '../http/request.ts';
import type { Outcome } from '../probe.ts';

/** Every server adds this to the key before it hashes it (RFC 6455 §1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The address, headers and subprotocol of a handshake. */
export interface Handshake {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: string | undefined;
}

/** The request that opens a WebSocket; `key` is 16 random bytes in base64, new for each request. */
export function handshakeRequest({ url, headers, protocol }: Handshake, key: string): HttpRequest {
  return {
    method: 'GET',
    path: pathOf(url),
    headers: {
      ...headersFor(url, headers),
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': key,
      ...(protocol === undefined ? {} : { 'sec-websocket-protocol': protocol }),
    },
    maxBodyBytes: 0,
    useBody: () => 'skip',
    wantsSwitch: true,
  };
}

/** What is wrong with the answer to a handshake (RFC 6455 §4.1); undefined: the WebSocket is open. */
export function judgeHandshake(
  answer: HttpAnswer,
  key: string,
  wanted: string | undefined,
): Outcome | undefined {
  const { status, statusText, location, switched, timings } = answer;
  const refused = (detail: string): Outcome => ({ kind: 'fail', class: 'status', detail, timings });
  if (switched === undefined) {
    const where = location === undefined ? '' : ` to ${locationText(location)}`;
    const said = `${status} ${statusText}`.trim();
    const detail = `answered ${said}${where} to the WebSocket handshake, wanted 101`;
    return { kind: 'fail', class: 'status', status, detail, timings };
  }
  const { headers } = switched;
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    return refused(`switched to ${headers.upgrade ?? 'nothing known'}, wanted websocket`);
  }
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  if (headers['sec-websocket-accept'] !== accept) {
    return refused('Sec-WebSocket-Accept is not the answer to our key: an answer from a cache?');
  }
  const extensions = headers['sec-websocket-extensions'];
  if (extensions !== undefined) return refused(`uses ${extensions}, which was not offered`);
  const chosen = headers['sec-websocket-protocol'];
  if (chosen === wanted) return undefined;
  const wish = wanted === undefined ? 'none was offered' : `wanted ${wanted}`;
  return refused(
    `chose ${chosen === undefined ? 'no subprotocol' : `the subprotocol ${chosen}`}, ${wish}`,
  );
}
