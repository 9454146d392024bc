import { isFamilyMissing } from './connect-error.ts';
import { formatEndpoint } from './endpoint.ts';
import type { Attempt, Failure, Reply } from './attempt.ts';
import type { Outcome, ProbeContext } from '../probe.ts';

/** How long an address may take to accept before the next one is tried beside it (RFC 8305 §5). */
const CONNECT_LEAD_MS = 250;

/** What is asked of each address of an endpoint. */
export interface AddressQuestion<T> {
  readonly port: number;
  /** True where a second address may be asked while the first one has not answered yet. */
  readonly isRepeatable: boolean;
  /** Starts one attempt. Throws where the options cannot be used. */
  readonly start: (
    address: string,
    resolveMs: number | undefined,
    context: ProbeContext,
  ) => Attempt<T>;
}

/** Settles the promise that waits for the race. */
type Finish<T> = (
  settle: (resolve: (reply: Reply<T>) => void, reject: (reason: unknown) => void) => void,
) => void;

/**
 * The attempts of one probe, one per address. The first answer wins. The next address is asked as soon as the
 * one before fails or is slow.
 */
export class AddressRace<T> {
  readonly #addresses: readonly string[];
  readonly #question: AddressQuestion<T>;
  readonly #context: ProbeContext;
  readonly #finish: Finish<T>;
  readonly #attempts: Attempt<T>[] = [];
  readonly #failures = new Map<string, Failure>();
  #timer: NodeJS.Timeout | undefined;
  #state: 'open' | 'givenUp' | 'over' = 'open';

  constructor(
    addresses: readonly string[],
    question: AddressQuestion<T>,
    context: ProbeContext,
    finish: Finish<T>,
  ) {
    this.#addresses = addresses;
    this.#question = question;
    this.#context = context;
    this.#finish = finish;
  }

  /** Asks the next address, if there is one left. */
  startNext(resolveMs?: number): void {
    clearTimeout(this.#timer);
    const address = this.#addresses[this.#attempts.length];
    if (address === undefined || this.#state !== 'open') return;
    try {
      const attempt = this.#question.start(address, resolveMs, this.#context);
      this.#attempts.push(attempt);
      void attempt.reply.then((reply) => this.#onReply(address, attempt, reply));
      if (this.#attempts.length < this.#addresses.length) this.#armNext(attempt);
    } catch (thrown) {
      this.#end((_resolve, reject) => reject(thrown));
    }
  }

  /** Stops all attempts. The result is that of the first attempt that says what it waited for. */
  giveUp(): void {
    if (this.#state !== 'open') return;
    this.#state = 'givenUp';
    clearTimeout(this.#timer);
    for (const attempt of this.#attempts) attempt.end();
  }

  /**
   * Starts the timer for the next address. An address that has accepted and is silent gets half of the time
   * first.
   */
  #armNext(attempt: Attempt<T>): void {
    const { timeoutMs } = this.#context;
    const leadMs = Math.min(CONNECT_LEAD_MS, timeoutMs / 4);
    this.#timer = setTimeout(() => {
      if (!attempt.hasConnected()) return this.startNext();
      if (!this.#question.isRepeatable) return;
      this.#timer = setTimeout(() => this.startNext(), timeoutMs / 2 - leadMs);
    }, leadMs);
  }

  #onReply(address: string, attempt: Attempt<T>, reply: Reply<T>): void {
    if (this.#state === 'over') return;
    if (reply.kind === 'answer') this.#context.from = address;
    if (reply.kind === 'answer' || this.#state === 'givenUp') {
      return this.#end((resolve) => resolve(reply));
    }
    this.#failures.set(address, reply);
    if (this.#failures.size === this.#addresses.length) {
      const verdict = mostTelling(this.#failures, this.#question.port);
      return this.#end((resolve) => resolve(verdict));
    }
    if (attempt === this.#attempts.at(-1)) this.startNext();
  }

  #end(settle: Parameters<Finish<T>>[0]): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    clearTimeout(this.#timer);
    for (const attempt of this.#attempts) attempt.end();
    this.#finish(settle);
  }
}

/**
 * The failure to report where no address answered. An address family that the machine lacks does not count. A
 * refusal counts least, because "nothing listens" must hold for all addresses.
 */
function mostTelling(failures: ReadonlyMap<string, Failure>, port: number): Failure {
  const all = [...failures];
  const asked = all.filter(([, failure]) => !isFamilyMissing(failure.code));
  const counted = asked.length > 0 ? asked : all;
  const other = counted.find(([, failure]) => failure.code !== 'ECONNREFUSED');
  const [first] = counted;
  if (other !== undefined) return other[1];
  if (first === undefined) throw new Error('no address was asked');
  const [, failure] = first;
  const places = counted.map(([address]) => formatEndpoint(address, port)).join(' and ');
  const outcome: Outcome = { ...failure.outcome, detail: `connect ECONNREFUSED ${places}` };
  return { ...failure, outcome };
}
