import type { Outcome } from '../probe.ts';

/** What one address said: an answer of the protocol's own, or how it failed. */
export type Reply<T> = { readonly kind: 'answer'; readonly answer: T } | Failure;

/** How one address failed to answer. */
export interface Failure {
  readonly kind: 'failure';
  readonly outcome: Outcome;
  /** The system's code, where there is one. */
  readonly code?: string | undefined;
}

/** One question to one address, under way; settles exactly once and never rejects. */
export interface Attempt<T> {
  readonly reply: Promise<Reply<T>>;
  /** Whether the other side has accepted. */
  hasConnected(): boolean;
  /** Gives up: frees the socket and settles as a timeout that says what was awaited. */
  end(): void;
}

/** A reply to come, and the way to give it. */
export function awaitReply<T>(): {
  readonly reply: Promise<Reply<T>>;
  readonly settle: (reply: Reply<T>) => void;
} {
  let settle: ((reply: Reply<T>) => void) | undefined;
  const reply = new Promise<Reply<T>>((resolve) => {
    settle = resolve;
  });
  return { reply, settle: (given) => settle?.(given) };
}
