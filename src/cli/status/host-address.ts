import { badValue } from '../../config/bad-value.ts';
import { parseHost, parsePort } from '../../config/schema/address.ts';

/** A monitor on another machine. */
export interface HostAddress {
  /** As it is shown and looked for in the file of hosts: `web-1:9616`; `https:` and a path are part of it. */
  readonly title: string;
  /** The first part of its URLs, with a `/` at the end. */
  readonly url: string;
}

/** That of `LIVENESS_HTTP` in this project's files. */
const USUAL_PORT = 9616;

const WANT =
  "write a URL like 'https://web-1.example/liveness', or 'web-1' or 'web-1:9616' for http";

/** Where a monitor of another machine listens (its `LIVENESS_HTTP`, or a proxy before it). Throws ERR_CONFIG. */
export function parseHostAddress(text: string): HostAddress {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const whole = hasScheme ? text : `http://${bracketed(text)}`;
  const url = URL.canParse(whole) ? new URL(whole) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw badValue(text, WANT);
  if (url.username !== '' || url.password !== '') {
    throw badValue(
      withoutLogin(url),
      'write no login into it: a token belongs into the file of --hosts-file',
    );
  }
  if (url.search !== '' || url.hash !== '') throw badValue(url.origin, `${WANT}, without ? and #`);
  if (!hasScheme) {
    parseHost(url.hostname.replace(/^\[|\]$/g, ''));
    if (!/:\d+\/*$/.test(whole)) url.port = String(USUAL_PORT);
    parsePort(url.port || '80');
  }
  const path = url.pathname.replace(/\/+$/, '');
  const title = `${url.protocol === 'https:' ? 'https://' : ''}${url.host}${path}`;
  return { title, url: `${url.origin}${path}/` };
}

/** An IPv6 address may come without brackets. */
function bracketed(text: string): string {
  return text.split(':').length > 2 && !text.startsWith('[') ? `[${text}]` : text;
}

/** A value that is shown in an error must have no password. */
function withoutLogin(url: URL): string {
  return `${url.protocol}//…@${url.host}`;
}
