import { hostname } from 'node:os';
import type { SMTPTransportOptions } from 'nodemailer';
import { codeOf, messageOf } from '../../errors.ts';
import type { LightAbortSignal } from '../../time/light-abort.ts';
import { htmlOf } from '../message/html.ts';
import type { Notice } from '../message/notice.ts';
import { plainTextOf } from '../message/plain-text.ts';
import { SendDeadline } from './send-deadline.ts';
import { SEND_MS, type SendResult } from './channel.ts';
import { hostOf, isOwnMachine } from './host.ts';
import { MissingAddresses } from './missing-addresses.ts';
import { decode, wrong, type Entry, type KindOfChannel } from './entry.ts';

/** The ports of RFC 8314 (TLS from the first byte) and RFC 6409 (STARTTLS). */
const PORTS = { smtps: 465, smtp: 587 } as const;
const MAX_TEXT = 20_000;
const ADDRESS = /^[^\s<>,;"@]{1,64}@[^\s<>,;"@]{1,255}$/;

/** A mail through nodemailer, which is loaded when the first one goes out. */
export const smtp: KindOfChannel = {
  settings: ['to', 'from', 'tls'],
  example: 'smtp://user:password@mail.example.com?to=me@example.com',
  create(entry) {
    const server = serverOf(entry);
    const to = addressesOf(entry.settings.get('to'));
    const missing = new MissingAddresses(to);
    const [from = ''] = addressesOf(entry.settings.get('from') ?? defaultFrom(server.user));
    return {
      shown: server.host,
      endpoint: { host: server.host, port: server.port },
      secrets: [
        server.user,
        server.password,
        ...['', '\0'].map((first) =>
          Buffer.from(`${first}${server.user}\0${server.password}`).toString('base64'),
        ),
        from,
        ...to,
      ],
      send: (notice, signal) => send(server, { from, missing }, notice, signal),
    };
  },
};

/** A mail server, and who logs in there; `user` is empty for nobody. */
interface Server {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly isSecure: boolean;
  /** `require`: no mail, and no password, goes out without TLS. */
  readonly tls: 'require' | 'try' | 'none';
  readonly user: string;
  readonly password: string;
}

function serverOf({ scheme, rest, settings }: Entry): Server {
  const text = `smtp:${rest}`;
  const url = rest.startsWith('//') && URL.canParse(text) ? new URL(text) : null;
  // A slash in a password begins the path, and what was meant as host is in there.
  if (url === null || url.hostname === '' || url.hash !== '' || !/^\/?$/.test(url.pathname)) {
    throw wrong(
      `got no mail server, wanted ${smtp.example}; in a user or password write @ / ? # as %40 %2F %3F %23`,
    );
  }
  const isSecure = scheme === 'smtps';
  const host = hostOf(url);
  const user = decode(url.username, 'the user');
  // A password over a line that others can read is worth a mail that does not arrive.
  const isOpen = user === '' || isOwnMachine(host);
  const tls = settings.get('tls') ?? (isOpen ? 'try' : 'require');
  if (tls !== 'require' && tls !== 'try' && tls !== 'none') {
    throw wrong("got an unknown 'tls', wanted require, try or none");
  }
  return {
    host,
    port: Number(url.port) || PORTS[isSecure ? 'smtps' : 'smtp'],
    isSecure,
    tls,
    user,
    password: decode(url.password, 'the password'),
  };
}

function addressesOf(text: string | undefined): readonly string[] {
  const addresses = (text ?? '').split(',').map((each) => each.trim());
  if (addresses.length > 20) throw wrong(`got ${addresses.length} addresses, wanted at most 20`);
  if (addresses.every((address) => ADDRESS.test(address))) return addresses;
  throw wrong(
    "got no mail address in 'to' or 'from', wanted to=me@example.com, or several with commas",
  );
}

/** Most servers accept as sender only the one who logs in. */
function defaultFrom(user: string): string {
  return ADDRESS.test(user)
    ? user
    : `pm2-liveness@${hostname().replace(/[^\w.-]/g, '') || 'localhost'}`;
}

async function send(
  server: Server,
  { from, missing }: { readonly from: string; readonly missing: MissingAddresses },
  notice: Notice,
  abort: LightAbortSignal,
): Promise<SendResult> {
  const deadline = new SendDeadline(abort);
  const { signal } = deadline;
  try {
    const { createTransport } = await import('nodemailer');
    const { to, refusal } = missing.of(notice.id);
    const mail = { ...mailOf(notice, from, to), signal };
    const sent = await createTransport(transportOf(server)).sendMail(mail);
    const { rejectedErrors = [], response } = sent;
    const later = rejectedErrors.filter((error) => !isFinal(error)).flatMap(addressOf);
    const warning = refusalOf(rejectedErrors, to.length) ?? refusal;
    missing.keep(notice.id, { to: later, refusal: warning });
    if (later.length > 0) return partial(later.length, to.length, rejectedErrors);
    if (warning === null) return { kind: 'sent', answer: response };
    return { kind: 'sent', answer: `${response}; ${warning}`, warning };
  } catch (error) {
    return signal.aborted ? deadline.result(SILENT) : resultOfError(error);
  } finally {
    deadline.clear();
  }
}

/** What the server said of the addresses that will never get a mail; null where there are none. */
function refusalOf(errors: readonly unknown[], all: number): string | null {
  const refused = errors.filter(isFinal);
  const said = responseOf(refused[0])?.text.replace(/^answered /, '') ?? '';
  return refused.length === 0
    ? null
    : `${refused.length} of ${all} addresses were refused: ${said}`;
}

/** Some got it, and the server asks to try others again. */
function partial(later: number, all: number, errors: readonly unknown[]): SendResult {
  const answer = errors.find((error) => !isFinal(error));
  const reason = `${later} of ${all} addresses later: ${responseOf(answer)?.text ?? 'no code'}`;
  return { kind: 'retry', reason, retryAfterMs: null, isPartial: true };
}

function addressOf(error: unknown): readonly string[] {
  const has = error instanceof Error && 'recipient' in error;
  return has && typeof error.recipient === 'string' ? [error.recipient] : [];
}

const SILENT = `no answer within ${SEND_MS / 1000} s`;

function transportOf({ host, port, isSecure, tls, user, password }: Server): SMTPTransportOptions {
  return {
    host,
    port,
    secure: isSecure,
    requireTLS: tls === 'require' && !isSecure,
    ignoreTLS: tls === 'none',
    // With `try` the mail would also go out without TLS (RFC 7435): a certificate of the server's own is no worse.
    tls: { rejectUnauthorized: isSecure || tls === 'require' },
    ...(user !== '' && { auth: { user, pass: password } }),
    connectionTimeout: SEND_MS,
    greetingTimeout: SEND_MS,
    socketTimeout: SEND_MS,
    dnsTimeout: SEND_MS,
    socketCloseTimeout: 0,
    // Nothing in a message may make nodemailer read a file or a URL.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** RFC 5321, 4.2.1: a reply of 5xx is the same at every try; 4xx and a broken connection are not. */
function resultOfError(error: unknown): SendResult {
  const response = responseOf(error);
  const said = response?.text ?? `${messageOf(error)} (${codeOf(error) ?? 'no code'})`;
  const isTls = error instanceof Error && 'command' in error && error.command === 'STARTTLS';
  const reason = isTls ? `the server offers no TLS (STARTTLS): ${said}` : said;
  return isFinal(error)
    ? { kind: 'refused', reason }
    : { kind: 'retry', reason, retryAfterMs: null };
}

/** Of several addresses that were all rejected, one that may be taken later is enough for another try. */
function isFinal(error: unknown): boolean {
  const has = error instanceof Error && 'rejectedErrors' in error;
  const each = has && Array.isArray(error.rejectedErrors) ? error.rejectedErrors : [];
  if (each.length > 0) return each.every((one: unknown) => isFinal(one));
  const response = responseOf(error);
  return response !== null && response.code >= 500 && response.code !== 521;
}

function responseOf(error: unknown): { readonly code: number; readonly text: string } | null {
  if (!(error instanceof Error) || !('responseCode' in error)) return null;
  const { responseCode: code } = error;
  if (typeof code !== 'number') return null;
  const isText = 'response' in error && typeof error.response === 'string';
  return { code, text: `answered ${isText ? String(error.response) : code}` };
}

/** The mail: its threads are by incident, and programs that answer mails by themselves leave it alone (RFC 3834). */
function mailOf(notice: Notice, from: string, to: readonly string[]): Mail {
  const { subject, body } = plainTextOf(notice, MAX_TEXT);
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const [first] = notice.apps;
  const thread = `<${safeId(first?.incident ?? notice.id)}.incident@${domain}>`;
  return {
    from: { name: `pm2-liveness on ${notice.host}`, address: from },
    to: [...to],
    subject,
    text: body,
    html: htmlOf(notice),
    messageId: `<${safeId(notice.id)}@${domain}>`,
    references: [thread],
    date: new Date(notice.at),
    priority: notice.severity === 'critical' && notice.event === 'opened' ? 'high' : 'normal',
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}

interface Mail {
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  readonly references: string[];
  readonly date: Date;
  readonly priority: 'high' | 'normal';
  readonly headers: Record<string, string>;
}

function safeId(id: string): string {
  return id.replace(/[^\w.-]/g, '_').slice(0, 100);
}
