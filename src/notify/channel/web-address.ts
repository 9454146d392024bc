import { hasLostLogin } from '../../config/secrets/lost-login.ts';
import { endpointOf, hostOf, isOwnMachine } from './host.ts';
import { decode, printable, wrong, type Entry } from './entry.ts';

/** Where a web service is, and who logs in there. */
export interface WebAddress {
  /** Without login and fragment. */
  readonly url: URL;
  /** Header fields for the login of the URL; empty where it has none. */
  readonly login: Readonly<Record<string, string>>;
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly secrets: readonly string[];
}

/**
 * The URL of an entry: `slack:https://host/…`, or `slack://host/…`, which is https, and http on this machine's own
 * addresses. Throws ERR_CONFIG, with the form of `example`.
 */
export function webAddressOf({ scheme, rest }: Entry, example: string): WebAddress {
  const isPlain = scheme === 'http' || scheme === 'https';
  const url = parse(isPlain ? `${scheme}:${rest}` : rest);
  if (url === null || url.hostname === '' || hasLostLogin(rest)) {
    throw wrong(
      `got no full URL, wanted ${example}; in a user or password write @ / ? # as %40 %2F %3F %23, and @ as %40 everywhere else`,
    );
  }
  const user = decode(url.username, 'the user');
  const password = decode(url.password, 'the password');
  const basic = Buffer.from(`${user}:${password}`).toString('base64');
  url.username = '';
  url.password = '';
  url.hash = '';
  return {
    url,
    login: user === '' && password === '' ? {} : { authorization: `Basic ${basic}` },
    endpoint: endpointOf(url),
    secrets: [user, password, basic],
  };
}

/** Header fields for the entry's `token=`, or for the login of its URL where it has none. */
export function loginOf({ settings }: Entry, { login }: WebAddress): WebAddress['login'] {
  const token = settings.get('token');
  return token === undefined ? login : { authorization: `Bearer ${printable(token, "'token'")}` };
}

function parse(text: string): URL | null {
  const full = /^https?:\/\//i.test(text) ? text : text.startsWith('//') ? `https:${text}` : null;
  if (full === null || !URL.canParse(full)) return null;
  const url = new URL(full);
  if (text.startsWith('//') && isOwnMachine(hostOf(url))) return new URL(`http:${text}`);
  return url;
}
