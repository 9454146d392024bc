import { codeOf, messageOf } from '../../errors.ts';
import type { Outcome, ProbeTimings } from '../probe.ts';
import { isSocketPath } from '../../text/socket-path.ts';

/** The stage of a probe in which an error came; it decides what the error means. */
export type Stage = 'resolve' | 'connect' | 'tls' | 'firstByte' | 'transfer';

/** Our own machine ran out of something; says nothing about the target. */
const RESOURCE_CODES: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOBUFS',
  'EADDRNOTAVAIL',
  'EAGAIN',
  'EAI_MEMORY',
]);

/** There is no route to the address; says nothing about the target. */
const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'EACCES',
  'EPERM',
  'EAFNOSUPPORT',
  'EPROTONOSUPPORT',
]);

/** The errors of a connect to an address family that the machine lacks or has turned off. */
const NO_FAMILY_CODES: ReadonlySet<string> = new Set([...NETWORK_CODES, 'EADDRNOTAVAIL', 'EINVAL']);

/** A line that does not end with CR and LF. */
const LINE_END_CODES: ReadonlySet<string> = new Set([
  'HPE_CR_EXPECTED',
  'HPE_LF_EXPECTED',
  'HPE_STRICT',
]);

/** Longer than Node's parser accepts: the program wrote it so, it is not garbled. */
const OVERFLOW_CODES: ReadonlySet<string> = new Set([
  'HPE_HEADER_OVERFLOW',
  'HPE_CHUNK_EXTENSIONS_OVERFLOW',
]);

/** True where `code` means that this machine lacks the address family. */
export function isFamilyMissing(code: string | undefined): boolean {
  return code !== undefined && NO_FAMILY_CODES.has(code);
}

/** True where `code` means that this machine has run out of descriptors, ports, memory or processes. */
export function isOutOfResources(code: string | undefined): boolean {
  return code !== undefined && RESOURCE_CODES.has(code);
}

/**
 * The outcome for an error of a socket, a TLS handshake or the HTTP parser (DESIGN §3). `peer` is the
 * address, as `127.0.0.1:5173` or a host name. Never throws.
 */
export function outcomeOfError(
  thrown: unknown,
  stage: Stage,
  peer: string,
  timings?: ProbeTimings,
): Outcome {
  const code = codeOf(thrown);
  if (stage === 'connect' && isSocketPath(peer)) {
    const outcome = outcomeAtSocket(code, peer);
    if (outcome !== null) return outcome;
  }
  if (isOutOfResources(code)) {
    const detail = `this machine is out of resources: ${code} while asking ${peer}`;
    return { kind: 'unknown', cause: 'resources', detail };
  }
  if (stage === 'resolve') {
    return {
      kind: 'unknown',
      cause: 'dns',
      detail: `${peer} did not resolve: ${code ?? messageOf(thrown)}`,
    };
  }
  const timing = timings === undefined ? {} : { timings };
  if (code === 'ETIMEDOUT') {
    return { kind: 'fail', class: 'timeout', detail: `connect ETIMEDOUT ${peer}`, ...timing };
  }
  if (stage === 'connect') return outcomeOfConnect(thrown, code, peer, timing);
  if (isMisconfiguredTls(code, stage)) {
    return { kind: 'fail', class: 'misconfig', detail: tlsAdvice(thrown, code), ...timing };
  }
  const advice = httpAdvice(thrown, code, stage, peer);
  if (advice !== null) return { kind: 'fail', class: 'misconfig', detail: advice, ...timing };
  return { kind: 'fail', class: 'reset', detail: brokenDetail(thrown, code, stage), ...timing };
}

/** What an error means that only a Unix socket or a Windows pipe gives (unix(7)); null for any other. */
function outcomeAtSocket(code: string | undefined, path: string): Outcome | null {
  if (code === 'ENOENT' || code === 'ENOTSOCK') {
    return { kind: 'fail', class: 'refused', detail: `no socket at ${path} (${code})` };
  }
  if (code === 'EAGAIN' || code === 'EBUSY') {
    // Of TCP the same shows as a connection that is never made.
    const detail = `${path} takes no more connections: its queue is full (${code})`;
    return { kind: 'fail', class: 'timeout', detail };
  }
  if (code !== 'EACCES' && code !== 'EPERM') return null;
  const detail = `connect ${code} ${path}: the monitor's user may not connect to it`;
  return { kind: 'unknown', cause: 'network', detail };
}

/** A failed connect means that nothing listens, or says nothing about the target. */
function outcomeOfConnect(
  thrown: unknown,
  code: string | undefined,
  peer: string,
  timing: { timings?: ProbeTimings },
): Outcome {
  if (code === 'ECONNREFUSED') {
    return { kind: 'fail', class: 'refused', detail: `connect ECONNREFUSED ${peer}`, ...timing };
  }
  if (code === 'ECONNRESET' || code === 'ECONNABORTED' || code === 'EPIPE') {
    return { kind: 'fail', class: 'reset', detail: `connect ${code} ${peer}`, ...timing };
  }
  const detail = `connect ${code ?? messageOf(thrown)} ${peer}: not reachable from this machine`;
  return { kind: 'unknown', cause: 'network', detail };
}

/**
 * True for an error of certificates, names or versions: in the handshake, all that is not a connection error.
 * A server that wants a client certificate reports this only after the handshake (TLS 1.3).
 */
function isMisconfiguredTls(code: string | undefined, stage: Stage): boolean {
  if (code === undefined) return false;
  if (stage === 'tls') return !['ECONNRESET', 'ECONNABORTED', 'EPIPE'].includes(code);
  return /^ERR_SSL_.*ALERT.*CERTIFICATE/.test(code);
}

/** What to set so that the handshake succeeds. */
function tlsAdvice(thrown: unknown, code: string | undefined): string {
  const message = messageOf(thrown);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'TLS: the certificate is for another name: set `servername`, or `rejectUnauthorized: false`, beside `url`';
  }
  if (code === 'EPROTO' || code?.startsWith('ERR_SSL_') === true) {
    return /wrong.version.number|packet.length|record.too|http.request/i.test(`${code} ${message}`)
      ? 'TLS: the port does not speak TLS: write `http:` instead of `https:`'
      : `TLS: handshake refused (${oneReason(message)}): check protocol versions and client certificates`;
  }
  return `TLS: certificate not trusted (${code}): set \`ca\`, or \`rejectUnauthorized: false\`, beside \`url\``;
}

/** OpenSSL's own reason in `0A00010B:SSL routines:func:reason:file:line`. */
function oneReason(message: string): string {
  return /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message;
}

/**
 * What to fix in an answer that Node's HTTP parser rejects, or null where a restart may help. A program
 * writes its headers in the same way after a restart. Garbage within a body may come from a sick process; but
 * wrong line ends, and trailers or chunk extensions that are too long, come from the program itself. Headers
 * that break off are a plain ECONNRESET.
 */
function httpAdvice(
  thrown: unknown,
  code: string | undefined,
  stage: Stage,
  peer: string,
): string | null {
  if (code?.startsWith('HPE_') !== true) return null;
  if (stage !== 'firstByte') {
    const isItsWay = LINE_END_CODES.has(code) || OVERFLOW_CODES.has(code);
    return isItsWay ? notAllowed('the body', thrown, code) : null;
  }
  if (code === 'HPE_INVALID_CONSTANT') {
    return `${peer} does not speak HTTP on this port: is it \`https:\`, or another port?`;
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return `the answer has more than 64 KiB of headers (${code}): send fewer or shorter ones`;
  }
  return notAllowed('the head', thrown, code);
}

function notAllowed(part: string, thrown: unknown, code: string): string {
  const reason = messageOf(thrown).replace(/^Parse Error: /, '');
  return `${part} of the answer is no valid HTTP: ${reason} (${code}): fix it in the app`;
}

/** Says how a connection broke, and at which stage. */
function brokenDetail(thrown: unknown, code: string | undefined, stage: Stage): string {
  if (code?.startsWith('HPE_') === true)
    return `broken HTTP answer: ${messageOf(thrown)} (${code})`;
  const when = {
    resolve: 'while resolving',
    connect: 'while connecting',
    tls: 'in the TLS handshake',
    firstByte: 'before an answer',
    transfer: 'before the answer was complete',
  }[stage];
  return `connection closed ${when}${code === undefined ? '' : ` (${code})`}`;
}
