import { fireDue } from './fire.ts';
import { followEnds, GROUP_MS } from './follow-ends.ts';
import { followOpen } from './follow-open.ts';
import type { PlanFacts, Recipient } from './facts.ts';
import type { Ledger } from './ledger.ts';
import type { Plan } from './outgoing.ts';

/**
 * Decides what is sent now (DESIGN §15): one message when an incident needs a person or lasts, one when it
 * ends; one alone for an incident that was fixed before that; several apps within half a minute in one
 * message; a reminder every four hours. Pure. The same ledger for the same facts: nothing is sent twice.
 */
export function plan(ledger: Ledger, facts: PlanFacts, channels: readonly Recipient[]): Plan {
  const ended = followEnds(clampTimes(ledger, facts.now), facts);
  const followed = followOpen(ended, facts);
  return fireDue(followed, facts, channels);
}

/** A wall clock that was set back must not make any wait longer. */
function clampTimes(ledger: Ledger, now: number): Ledger {
  const until = <At extends number | null>(at: At, latest: number): At | number =>
    at === null ? at : Math.min(at, latest);
  return {
    entries: ledger.entries.map((entry) => ({
      ...entry,
      dueAt: until(entry.dueAt, now + GROUP_MS),
      remindedAt: until(entry.remindedAt, now),
      goneSince: until(entry.goneSince, now),
      severityBefore: entry.severityBefore && {
        ...entry.severityBefore,
        at: until(entry.severityBefore.at, now),
      },
    })),
    ended: ledger.ended.map((each) => ({
      ...each,
      dueAt: until(each.dueAt, now + GROUP_MS),
      endedAt: until(each.endedAt, now),
    })),
    tombstones: ledger.tombstones,
  };
}
