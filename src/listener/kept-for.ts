import type { Clock } from '../time/clock.ts';

/** Makes a function that makes its value again only when the last one is `ms` old: who asks often costs no more. */
export function keptFor<Value>(ms: number, clock: Clock, make: () => Value): () => Value {
  let kept: { readonly value: Value; readonly at: number } | null = null;
  return () => {
    const now = clock.now();
    if (kept === null || now - kept.at >= ms) kept = { value: make(), at: now };
    return kept.value;
  };
}
