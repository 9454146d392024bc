import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ListenAddress } from '../config/listen-address.ts';
import type { SecretText } from '../config/secrets/secret-text.ts';
import type { Clock } from '../time/clock.ts';
import { GuessLimit } from './guess-limit.ts';
import type { RequestTarget } from './request-target.ts';
import { isOwnHost } from './host-check.ts';

/** What is to be done with a request. */
export type Access =
  | { readonly kind: 'in' }
  /** The token was in the URL: the client gets the cookie, and asks again without it. */
  | { readonly kind: 'cookie'; readonly cookie: string }
  | { readonly kind: 'foreignHost' | 'foreignPage' | 'noToken' | 'wrongToken' }
  | { readonly kind: 'tooMany'; readonly waitMs: number };

/** The name of the token in a URL. */
export const TOKEN_PARAMETER = 'token';

/** How long a browser keeps the cookie, in seconds. */
const COOKIE_S = 30 * 86_400;

/** Lets requests in: by their host where no token is set, by the token where one is. */
export class AccessCheck {
  readonly #address: ListenAddress;
  readonly #token: Buffer | null;
  readonly #cookie: string;
  readonly #cookieName: string;
  readonly #guesses: GuessLimit;

  constructor(address: ListenAddress, token: SecretText | null, clock: Clock) {
    this.#address = address;
    // Cookies do not know ports, and a machine can have more than one monitor.
    this.#cookieName = `pm2-liveness-${address.port}`;
    this.#guesses = new GuessLimit(clock);
    this.#token = token && digest(token.reveal());
    // Not the token itself: who reads it in a browser's files cannot use it as a header.
    this.#cookie =
      token === null
        ? ''
        : createHmac('sha256', token.reveal()).update('pm2-liveness cookie').digest('base64url');
  }

  get isGuarded(): boolean {
    return this.#token !== null;
  }

  /** Decides; counts a wrong token. */
  check({ headers, socket }: IncomingMessage, { path, query }: RequestTarget): Access {
    // A badge is made to be shown elsewhere, behind a proxy that has the token.
    const isPicture = this.#token !== null && path.startsWith('/badge/');
    if (this.#token === null && !isOwnHost(headers.host, this.#address.host)) {
      return { kind: 'foreignHost' };
    }
    // Before the token is compared: what other pages ask for must not use up the tries of who reads them.
    if (isForeignPage(headers) && !isPicture) return { kind: 'foreignPage' };
    if (this.#token === null) return { kind: 'in' };
    // A `+` in a query is a space, which no token has.
    const inUrl = query.get(TOKEN_PARAMETER)?.replaceAll(' ', '+');
    const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
    const cookie = cookieOf(headers.cookie, this.#cookieName);
    const given = inUrl ?? bearer ?? cookie;
    if (given === undefined) return { kind: 'noToken' };
    const address = socket.remoteAddress ?? '';
    const waitMs = this.#guesses.waitMs(address);
    if (waitMs > 0) return { kind: 'tooMany', waitMs };
    const wanted = inUrl === undefined && bearer === undefined ? digest(this.#cookie) : this.#token;
    const sent = digest(given);
    if (!timingSafeEqual(sent, wanted)) {
      this.#guesses.countWrong(address, sent);
      return { kind: 'wrongToken' };
    }
    return inUrl === undefined ? { kind: 'in' } : { kind: 'cookie', cookie: this.#setCookie() };
  }

  /** Takes a cookie back that is of no use, so that it is not counted again and again. */
  get cookieEnd(): string {
    return `${this.#cookieName}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`;
  }

  #setCookie(): string {
    return `${this.#cookieName}=${this.#cookie}; Path=/; Max-Age=${COOKIE_S}; HttpOnly; SameSite=Strict`;
  }
}

/**
 * True for what a page of another site asks for in its background: it could not read the answer, but make us work. A
 * link that is followed is none.
 */
function isForeignPage(headers: IncomingMessage['headers']): boolean {
  return headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate';
}

/** All of one length, so that a comparison tells nothing of the token's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  const own = (header ?? '').split(';').find((each) => each.trim().startsWith(`${name}=`));
  return own?.trim().slice(name.length + 1);
}
