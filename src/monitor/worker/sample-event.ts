import type { Diagnosis } from '../../diagnosis/diagnose.ts';
import type { Sample } from '../../probe/probe.ts';
import type { Event } from '../../verdict/event.ts';
import type { IncarnationId } from '../../verdict/process.ts';
import type { Gates } from './restarts.ts';

/**
 * The event of a sample, with what the system showed beside it. Field by field, because one is made for
 * every sample, and an object that is spread and then extended is slow to make in V8.
 */
export function sampleEvent(
  at: number,
  incarnation: IncarnationId,
  sample: Sample,
  { load, ownStart }: Pick<Diagnosis, 'load' | 'ownStart'>,
  { slotFreeAt, drainFreeAt, heldUntil }: Gates,
): Event & { readonly type: 'sample' } {
  return {
    type: 'sample',
    at,
    incarnation,
    sample,
    load,
    ownStart,
    slotFreeAt,
    drainFreeAt,
    heldUntil,
  };
}
