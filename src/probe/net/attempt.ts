import type { Outcome } from '../probe.ts';

/** The reply of one address: an answer of the protocol, or a failure. */
export type Reply<T> = { readonly kind: 'answer'; readonly answer: T } | Failure;

/** Why one address did not answer. */
export interface Failure {
  readonly kind: 'failure';
  readonly outcome: Outcome;
  /** The system's code, where there is one. */
  readonly code?: string | undefined;
}

/** One question to one address, in flight. Settles exactly once and never rejects. */
export interface Attempt<T> {
  readonly reply: Promise<Reply<T>>;
  /** True where the other side has accepted. */
  hasConnected(): boolean;
  /** Gives up: frees the socket, and settles as a timeout that says what it waited for. */
  end(): void;
}

/** A promise of a reply, and the function that settles it. */
export function awaitReply<T>(): {
  readonly reply: Promise<Reply<T>>;
  readonly settle: (reply: Reply<T>) => void;
} {
  let settle: (reply: Reply<T>) => void = notYet;
  const reply = new Promise<Reply<T>>((resolve) => {
    settle = resolve;
  });
  return { reply, settle };
}

/** Never called: a promise is given its `resolve` while it is made. */
function notYet(): void {}
