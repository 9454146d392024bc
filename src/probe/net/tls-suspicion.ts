import { connect } from 'node:tls';
import { codeOf } from '../../errors.ts';
import { dateText } from '../../text/date-text.ts';
import { askAddresses } from './ask-addresses.ts';
import { awaitReply } from './attempt.ts';
import type { Attempt, Failure, Reply } from './attempt.ts';
import { outcomeOfError } from './connect-error.ts';
import { dialWith } from './dial.ts';
import { formatEndpoint } from './endpoint.ts';
import { systemClock } from '../../time/clock.ts';
import type { HttpOrigin } from '../http/request.ts';
import type { ProbeContext } from '../probe.ts';

/**
 * Makes one TLS handshake after a plain request that was dropped before any answer. A TLS server drops a
 * plain request silently (Node's does), which looks like a crash and would lead to restarts. Where the
 * handshake succeeds, the URL is wrong; else the failure stays. A certificate that has expired gets its date.
 */
export async function suspectTls(
  failure: Failure,
  origin: HttpOrigin,
  context: ProbeContext,
): Promise<Failure> {
  const { outcome } = failure;
  if (failure.code === 'CERT_HAS_EXPIRED') return nameExpired(failure, origin);
  const isDropped = outcome.kind === 'fail' && outcome.class === 'reset';
  if (!isDropped || origin.isSecure || outcome.timings?.firstByteMs !== undefined) return failure;
  if (failure.code !== 'ECONNRESET' || context.signal.aborted) return failure;

  const { endpoint, host, port } = origin;
  const start = (address: string): Attempt<true> => openHandshake(address, port);
  const question = { endpoint, host, port, isRepeatable: true, start };
  const reply = await askAddresses(question, context);
  if (reply.kind === 'failure') return failure;
  const detail = 'the port speaks TLS: write `https:` instead of `http:`';
  return { kind: 'failure', outcome: { ...outcome, class: 'misconfig', detail } };
}

/** Says since when, where it is the server's own certificate and not one that it is signed with. */
function nameExpired(failure: Failure, { certificate }: HttpOrigin): Failure {
  const end = certificate?.notAfter ?? null;
  if (end === null || end > systemClock.wall()) return failure;
  const detail = `${expiredText(end)}: renew it, and restart the app if it does not read the new one by itself`;
  const { outcome } = failure;
  const named = { ...outcome, detail };
  return { ...failure, outcome: named.kind === 'fail' ? { ...named, isExpired: true } : named };
}

/** `TLS: the certificate expired on 2026-11-24`; `end` is epoch milliseconds. */
export function expiredText(end: number): string {
  return `TLS: the certificate expired on ${dateText(end)}`;
}

/** A handshake with one address, with any certificate. */
function openHandshake(address: string, port: number): Attempt<true> {
  const wanted = { rejectUnauthorized: false, servername: '' };
  const socket = dialWith((place) => connect({ ...place, ...wanted }), address, port);
  const { reply, settle } = awaitReply<true>();
  const finish = (result: Reply<true>): void => {
    socket.destroy();
    settle(result);
  };
  const fail = (error: Error): void => {
    const outcome = outcomeOfError(error, 'tls', formatEndpoint(address, port));
    finish({ kind: 'failure', outcome, code: codeOf(error) });
  };
  socket.once('secureConnect', () => finish({ kind: 'answer', answer: true }));
  socket.on('error', fail);
  return { reply, hasConnected: () => true, end: () => fail(new Error('the time is up')) };
}
