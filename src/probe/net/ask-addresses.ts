import { AddressRace } from './address-race.ts';
import type { AddressQuestion } from './address-race.ts';
import type { Failure, Reply } from './attempt.ts';
import { outcomeOfError } from './connect-error.ts';
import type { Endpoint } from './endpoint.ts';
import type { ProbeContext } from '../probe.ts';
import type { LightAbortSignal } from '../../time/light-abort.ts';

/** The endpoint, and how to ask it. */
interface Question<T> extends AddressQuestion<T> {
  readonly endpoint: Endpoint;
  readonly host: string;
}

/**
 * Asks every address of the endpoint until one answers. Node's `autoSelectFamily` is not used: it drops an
 * attempt after 250 ms, and it stops at the accept, so a frozen listener on one family would hide a working
 * one on the other. Here no attempt is dropped before the deadline. Rejects only where `start` throws.
 */
export function askAddresses<T>(question: Question<T>, context: ProbeContext): Promise<Reply<T>> {
  const { endpoint } = question;
  return endpoint.kind === 'fixed'
    ? askEach(endpoint.addresses, undefined, question, context)
    : askNamed(endpoint.lookUp, question, context);
}

/** Resolves the name, and asks its addresses. */
async function askNamed<T>(
  lookUp: Extract<Endpoint, { readonly kind: 'named' }>['lookUp'],
  question: Question<T>,
  context: ProbeContext,
): Promise<Reply<T>> {
  const startedAt = context.now();
  const addresses = await resolve(lookUp, question.host, context);
  if ('kind' in addresses) return addresses;
  return askEach(addresses, context.now() - startedAt, question, context);
}

/** Asks the addresses. One address, the usual case, needs no race. */
function askEach<T>(
  addresses: readonly string[],
  resolveMs: number | undefined,
  question: Question<T>,
  context: ProbeContext,
): Promise<Reply<T>> {
  const [first] = addresses;
  return first !== undefined && addresses.length === 1
    ? askOne(first, resolveMs, question, context)
    : askInTurn(addresses, resolveMs, question, context);
}

async function askOne<T>(
  address: string,
  resolveMs: number | undefined,
  question: Question<T>,
  context: ProbeContext,
): Promise<Reply<T>> {
  const { signal } = context;
  const attempt = question.start(address, resolveMs, context);
  const giveUp = (): void => attempt.end();
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  const reply = await attempt.reply;
  signal.removeEventListener('abort', giveUp);
  if (reply.kind === 'answer') context.from = address;
  return reply;
}

/** Runs a race until the signal aborts. */
function askInTurn<T>(
  addresses: readonly string[],
  resolveMs: number | undefined,
  question: Question<T>,
  context: ProbeContext,
): Promise<Reply<T>> {
  return new Promise((resolve, reject) => {
    const { signal } = context;
    const race = new AddressRace(addresses, question, context, (settle) => {
      signal.removeEventListener('abort', giveUp);
      settle(resolve, reject);
    });
    const giveUp = (): void => race.giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    race.startNext(resolveMs);
    if (signal.aborted) giveUp();
  });
}

/** The addresses of a name, or why there are none, which says nothing about the target. */
async function resolve(
  lookUp: () => Promise<readonly string[]>,
  host: string,
  { signal, timeoutMs }: ProbeContext,
): Promise<readonly string[] | Failure> {
  const unresolved = (detail: string): Failure => ({
    kind: 'failure',
    outcome: { kind: 'unknown', cause: 'dns', detail },
  });
  try {
    const addresses = await orAborted(lookUp(), signal);
    if (addresses === 'aborted')
      return unresolved(`${host} did not resolve within ${timeoutMs} ms`);
    return addresses.length > 0 ? addresses : unresolved(`${host} has no address`);
  } catch (thrown) {
    return { kind: 'failure', outcome: outcomeOfError(thrown, 'resolve', host) };
  }
}

/** The value, or `aborted` as soon as the signal aborts; a later value is dropped. */
function orAborted<V>(value: Promise<V>, signal: LightAbortSignal): Promise<V | 'aborted'> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve('aborted');
    signal.addEventListener('abort', onAbort, { once: true });
    value.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}
