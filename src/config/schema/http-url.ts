import { badSetting, badValue } from '../bad-value.ts';
import { urlHost } from '../../text/url-host.ts';
import { loopbackOf } from './address.ts';
import { isOrdinary } from '../secrets/ordinary.ts';

/** An absolute http or https URL, normalised. Throws ERR_CONFIG. */
export function parseHttpUrl(input: unknown): string {
  return parseUrl(input, 'http');
}

/** An absolute ws or wss URL, normalised. Throws ERR_CONFIG. */
export function parseWebSocketUrl(input: unknown): string {
  return parseUrl(input, 'ws');
}

/** A URL of this scheme, or of the scheme with TLS (`https`, `wss`). */
function parseUrl(input: unknown, scheme: 'http' | 'ws'): string {
  const like = `like '${scheme}://127.0.0.1:3000/'`;
  if (typeof input !== 'string') throw badValue(input, `write a URL, ${like}`);
  if (!new RegExp(`^${scheme}s?://`, 'i').test(input)) {
    const hasProtocol = /^[a-z][a-z0-9+.-]*:\/\//i.test(input);
    const schemes = `write a URL with '${scheme}://' or '${scheme}s://'`;
    throw urlError(input, hasProtocol ? schemes : `write it with its protocol, ${like}`);
  }
  const url = URL.canParse(input) ? new URL(input) : undefined;
  if (url === undefined) throw urlError(input, `not a URL; check host and port, ${like}`);
  if (url.username !== '' || url.password !== '') {
    throw badSetting(
      "got a URL with a user name or password; write headers: { authorization: 'Basic …' }",
    );
  }
  const socket = /^unix$/i.test(url.hostname) ? /^([^:]+):?(.*)$/s.exec(url.pathname) : null;
  if (socket !== null) {
    const [, path, at] = socket;
    throw urlError(
      input,
      `write the socket on its own, like { socket: '/run/api.sock', url: '${scheme}://localhost/' }`,
      `write { socket: '${path}', url: '${scheme}://localhost${at || '/'}' }`,
    );
  }
  if (url.hash !== '') throw urlError(input, "drop the part from '#' on, it is never sent");
  if (url.port === '0') throw urlError(input, 'write a port from 1 to 65535');
  const loopback = loopbackOf(url.hostname.replace(/^\[|\]$/g, ''));
  if (loopback !== undefined) {
    const want = `write '${urlHost(loopback)}' as the host`;
    throw urlError(input, `its host is for listening, not for connecting; ${want}`);
  }
  return url.href;
}

/** The base URL of a dev server, with a slash at its end. Throws ERR_CONFIG. */
export function parseBaseUrl(input: unknown): string {
  const url = new URL(parseHttpUrl(input));
  if (url.search !== '') throw urlError(String(input), "drop the part from '?' on");
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url.href;
}

/** A query or fragment may have a token, so messages do not show it (nor a login, see `show`). */
function urlError(input: string, want: string, advice = want): Error {
  const [plain = '', fragment] = input.replace(/\?.*$/s, '?…').split(/#(.*)/s);
  const shown = fragment === undefined || isOrdinary(fragment) ? fragment : '…';
  return badValue(shown === undefined ? plain : `${plain}#${shown}`, want, advice);
}
