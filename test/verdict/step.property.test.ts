import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ActionResult, Event } from '../../src/verdict/event.ts';
import type { Decision } from '../../src/verdict/decision.ts';
import type { ProcessStatus } from '../../src/verdict/process.ts';
import { usedAt } from '../../src/verdict/budget.ts';
import { BACKOFF_BASE_MS, freshBackoff, nextBackoff } from '../../src/verdict/backoff.ts';
import { freshMemory, initialVerdict, type Verdict } from '../../src/verdict/verdict.ts';
import { RESTART_DEADLINE_MS } from '../../src/verdict/restart.ts';
import {
  FREE_SLOT,
  release,
  slotFreeAt,
  take,
  type Flight,
} from '../../src/monitor/restart-slot.ts';
import { step } from '../../src/verdict/step.ts';
import { SETTLE_MS } from '../../src/verdict/unknown/unfit.ts';
import type { Policy } from '../../src/verdict/policy.ts';
import type { FailureClass, Sample } from '../../src/probe/probe.ts';
import { Driver, OK, fail, policyOf } from '../support/verdict-driver.ts';

const MENDABLE = ['refused', 'timeout', 'reset', 'status', 'body', 'exec', 'memory', 'signature'];
const UNMENDABLE = ['source', 'misconfig', 'impostor'];

/** One step of a random history, before it has a time. */
type Op =
  | { op: 'sample'; sample: 'ok' | 'unknown' | FailureClass; life: number; delayed: number }
  | { op: 'process'; status: ProcessStatus; life: number }
  | { op: 'tick' | 'resume' | 'reset' }
  | { op: 'acted'; result: ActionResult }
  | { op: 'fitness'; unfit: string | null }
  | { op: 'pause'; ms: number }
  | { op: 'slot'; free: boolean }
  /** Restarts are held for this time from now on. */
  | { op: 'hold'; ms: number }
  /** The same failure again and again, a second apart. */
  | { op: 'burst'; times: number }
  /** An executed restart: the call is done, and a new incarnation is online. */
  | { op: 'carriedOut' };

const sampleKind = fc.oneof(
  { weight: 3, arbitrary: fc.constant('ok' as const) },
  { weight: 1, arbitrary: fc.constant('unknown' as const) },
  { weight: 12, arbitrary: fc.constantFrom<FailureClass>('refused', 'timeout', 'status') },
  { weight: 1, arbitrary: fc.constantFrom<FailureClass>('source', 'misconfig', 'impostor') },
);

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      op: fc.constant('sample' as const),
      sample: sampleKind,
      life: fc.constantFrom(0, 0, 0, 0, 0, 0, -1),
      delayed: fc.constantFrom(0, 0, 0, 0, 5_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('process' as const),
      status: fc.constantFrom(
        'online',
        'online',
        'online',
        'launching',
        'transit',
        'stuck',
        'lost',
        'stopped',
        'errored',
        'gone',
      ),
      life: fc.constantFrom(0, 1, 1),
    }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constantFrom('tick' as const) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constantFrom('resume' as const, 'reset' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('acted' as const),
      result: fc.constantFrom('done', 'done', 'done', 'skipped', 'failed', 'stuck', 'cleared'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('fitness' as const),
      unfit: fc.constantFrom('lag', null, null),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('pause' as const), ms: fc.constantFrom(1_000, 1e6) }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('slot' as const), free: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('hold' as const), ms: fc.nat(40_000) }) },
  {
    weight: 15,
    arbitrary: fc.record({
      op: fc.constant('burst' as const),
      times: fc.integer({ min: 2, max: 6 }),
    }),
  },
  { weight: 12, arbitrary: fc.record({ op: fc.constant('carriedOut' as const) }) },
);

const gap = fc.constantFrom(1, 10, 500, 1_000, 1_000, 1_000, 5_000, 60_000, 1_000_000);
const history = fc.array(fc.tuple(gap, op), { minLength: 1, maxLength: 120, size: 'max' });

const policies: fc.Arbitrary<Policy> = fc
  .record({
    failureThreshold: fc.integer({ min: 1, max: 4 }),
    successThreshold: fc.integer({ min: 1, max: 3 }),
    startupTimeoutMs: fc.constantFrom(1_000, 10_000, 120_000),
    action: fc.constantFrom<Policy['action']>('restart', 'restart', 'reload'),
    limit: fc.integer({ min: 1, max: 5 }),
    withinMs: fc.constantFrom(10_000, 600_000),
    cooldownMs: fc.constantFrom(1_000, 60_000, 900_000),
  })
  .map(({ limit, withinMs, cooldownMs, ...rest }) =>
    policyOf({ ...rest, restarts: { limit, withinMs, cooldownMs } }),
  );

const seeds = fc.integer();

/** One step that was taken, with what stood before and after it. */
interface Taken {
  readonly before: Verdict;
  readonly event: Event;
  readonly after: Verdict;
  readonly decisions: readonly Decision[];
}

/** Gives every step of a history its time and its incarnation, from a fixed start. */
function eventsOf(ops: readonly (readonly [number, Op])[], origin = 0): Event[] {
  let at = origin;
  let life = 0;
  let slot = Number.NEGATIVE_INFINITY;
  let heldUntil = Number.NEGATIVE_INFINITY;
  const events: Event[] = [];
  for (const [ms, next] of ops) {
    at += ms;
    if (next.op === 'slot') slot = next.free ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    else if (next.op === 'hold') heldUntil = at + next.ms;
    else if (next.op === 'process') {
      const isThere = ['online', 'launching', 'stuck'].includes(next.status);
      life += next.status === 'stuck' || !isThere ? 0 : next.life;
      const incarnation = isThere ? `life-${life}` : null;
      // What is missing at one time is back at the next.
      const missing = events.length % 2 === 0 ? null : '/logs';
      const lost = next.status === 'lost' ? { lost: { detail: 'x', missing } } : {};
      events.push({ type: 'process', at, status: next.status, incarnation, ageMs: 0, ...lost });
    } else if (next.op === 'sample') {
      const sample = sampleOf(next.sample, at - next.delayed);
      const incarnation = `life-${life + next.life}`;
      const gates = { slotFreeAt: slot, heldUntil };
      events.push({ type: 'sample', at, incarnation, sample, load: 'unknown', ...gates });
    } else if (next.op === 'burst') {
      for (let nth = 0; nth < next.times; nth += 1, at += 1_000) {
        const sample = sampleOf('refused', at);
        events.push({
          type: 'sample',
          at,
          incarnation: `life-${life}`,
          sample,
          load: 'unknown',
          slotFreeAt: slot,
          heldUntil,
        });
      }
    } else if (next.op === 'carriedOut') {
      life += 1;
      events.push({ type: 'acted', at, result: 'done' });
      const incarnation = `life-${life}`;
      events.push({ type: 'process', at, status: 'online', incarnation, ageMs: 0 });
    } else if (next.op === 'acted') events.push({ type: 'acted', at, result: next.result });
    else if (next.op === 'fitness') events.push({ type: 'fitness', at, unfit: next.unfit });
    else if (next.op === 'pause') events.push({ type: 'pause', at, until: at + next.ms });
    else if (next.op === 'tick') events.push({ type: 'tick', at, slotFreeAt: slot, heldUntil });
    else events.push({ type: next.op, at });
  }
  return events;
}

function sampleOf(kind: 'ok' | 'unknown' | FailureClass, at: number): Sample {
  if (kind === 'ok') return { ...OK, at, durationMs: 1 };
  if (kind === 'unknown') return { kind, cause: 'dns', detail: 'no name', at, durationMs: 1 };
  return { ...fail(kind), at, durationMs: 1 };
}

/** Freezes plain data all the way down, so that a step that mutates throws. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}

function run(events: readonly Event[], policy: Policy, seed: number, origin = 0): Taken[] {
  let verdict = frozen(initialVerdict(origin, freshMemory(seed)));
  return events.map((event) => {
    const before = verdict;
    const { verdict: after, decisions } = step(before, frozen(event), policy);
    verdict = frozen(after);
    return { before, event, after, decisions };
  });
}

type Restart = Extract<Decision, { type: 'restart' }>;

function restartOf({ decisions }: Taken): Restart | undefined {
  return decisions.find((decision): decision is Restart => decision.type === 'restart');
}

/** Checks `claim` on random histories under random policies. */
function holds(claim: (trace: Taken[], policy: Policy) => void): () => void {
  return () => {
    fc.assert(
      fc.property(history, policies, seeds, (ops, policy, seed) => {
        // Most histories begin with an app that is up, else little happens in them.
        const up: (readonly [number, Op])[] = [
          [1, { op: 'process', status: 'online', life: 1 }],
          [1, { op: 'sample', sample: 'ok', life: 0, delayed: 0 }],
        ];
        claim(run(eventsOf([...up, ...ops]), policy, seed), policy);
      }),
      { numRuns: 150 },
    );
  };
}

/** The restarts of a trace that were not taken back by a `skipped`, with their index. */
function issued(trace: readonly Taken[]): { index: number; at: number; decision: Restart }[] {
  const found: { index: number; at: number; decision: Restart }[] = [];
  trace.forEach((taken, index) => {
    const decision = restartOf(taken);
    if (decision) found.push({ index, at: taken.after.at, decision });
    const isTakenBack =
      taken.event.type === 'acted' &&
      taken.event.result === 'skipped' &&
      taken.after.memory.budget.length < taken.before.memory.budget.length;
    if (isTakenBack) found.pop();
  });
  return found;
}

describe('on any history', () => {
  test('the histories are worth checking: they hold restarts, trials and open breakers', () => {
    const seen = new Map<string, number>();
    holds((trace) => {
      for (const taken of trace) {
        seen.set(taken.after.state.name, (seen.get(taken.after.state.name) ?? 0) + 1);
        const decision = restartOf(taken);
        if (decision) {
          const name = decision.trial ? 'trial' : decision.method;
          seen.set(name, (seen.get(name) ?? 0) + 1);
        }
      }
    })();
    for (const name of ['restart', 'reload', 'trial', 'open', 'halfOpen', 'backoff', 'unknown']) {
      assert.ok((seen.get(name) ?? 0) >= 20, `${name} seen ${seen.get(name) ?? 0} times`);
    }
  });

  test(
    'it never acts on what is unknown, paused or not a sample of the life that is online',
    holds((trace) => {
      for (const taken of trace) {
        const decision = restartOf(taken);
        if (!decision) continue;
        const { before, event } = taken;
        assert.notEqual(before.state.name, 'unknown');
        assert.notEqual(before.state.name, 'paused');
        if (event.type === 'tick') {
          const { status, lost } = before.process;
          assert.ok(status === 'errored' || status === 'lost');
          // Given up by PM2, or the process that could not be ended has gone, or PM2 lost the app.
          const wanted = status === 'lost' ? ['lost', 'stuck'] : ['stuck'];
          const isRevived =
            before.state.name === 'backoff' && wanted.includes(before.state.failure.class);
          assert.ok(decision.trial || isRevived);
          if (status === 'lost') assert.equal(lost?.missing, null);
          assert.equal(decision.incarnation, null);
          continue;
        }
        assert.ok(event.type === 'sample' && event.sample.kind === 'fail');
        assert.ok(MENDABLE.includes(event.sample.class));
        assert.equal(before.process.status, 'online');
        assert.equal(before.process.incarnation, event.incarnation);
        assert.equal(decision.incarnation, event.incarnation);
      }
    }),
  );

  test(
    'nothing is restarted while all are held, nor on a question asked before the hold was over',
    holds((trace) => {
      for (const taken of trace) {
        const { event } = taken;
        if (!restartOf(taken) || !('heldUntil' in event)) continue;
        assert.ok((event.heldUntil ?? 0) <= taken.after.at);
        if (event.type === 'sample') assert.ok((event.heldUntil ?? 0) <= event.sample.at);
      }
    }),
  );

  test(
    'a kill that failed and an order that was not issued spend nothing',
    holds((trace) => {
      for (const { event, before, after } of trace) {
        if (event.type !== 'acted' || before.pending === null) continue;
        const isTakenBack = event.result === 'stuck' || event.result === 'skipped';
        const spent = before.memory.budget.length - after.memory.budget.length;
        assert.equal(spent, isTakenBack && before.memory.budget.length > 0 ? 1 : 0);
      }
    }),
  );

  test(
    'restarts in any sliding window stay within the budget',
    holds((trace, policy) => {
      let times: number[] = [];
      for (const taken of trace) {
        if (taken.event.type === 'reset') times = [];
        const isTakenBack =
          taken.after.memory.budget.length < taken.before.memory.budget.length &&
          taken.event.type === 'acted';
        if (isTakenBack) times.pop();
        if (!restartOf(taken)) continue;
        times.push(taken.after.at);
        assert.ok(usedAt(times, taken.after.at, policy.restarts) <= policy.restarts.limit);
      }
    }),
  );

  test(
    'at most one restart is in flight',
    holds((trace) => {
      let since: number | null = null;
      for (const taken of trace) {
        const { event, before, after } = taken;
        const isOver =
          (event.type === 'acted' && event.result !== 'done') ||
          after.process.incarnation !== before.process.incarnation ||
          after.process.status !== before.process.status ||
          event.type === 'pause';
        if (isOver) since = null;
        if (!restartOf(taken)) continue;
        assert.equal(before.pending, null);
        assert.ok(since === null || after.at - since >= RESTART_DEADLINE_MS);
        since = after.at;
      }
    }),
  );

  test(
    'between two restarts lies a sample of what came of the first',
    holds((trace) => {
      const all = issued(trace);
      all.forEach(({ index, decision }, nth) => {
        const earlier = all[nth - 1];
        if (!earlier || decision.incarnation === null) return;
        const between = trace.slice(earlier.index + 1, index + 1);
        assert.ok(
          between.some(
            ({ event }) => event.type === 'sample' && event.incarnation === decision.incarnation,
          ),
        );
      });
    }),
  );

  test(
    'no restart without a full run of failures of that life since its last good answer',
    holds((trace, policy) => {
      trace.forEach((taken, index) => {
        const decision = restartOf(taken);
        if (!decision || taken.event.type === 'tick') return;
        let run = 0;
        for (const { event, before } of trace.slice(0, index + 1).toReversed()) {
          if (event.type !== 'sample' || event.incarnation !== decision.incarnation) continue;
          if (before.process.incarnation !== event.incarnation) continue;
          if (event.sample.kind === 'unknown') continue;
          if (event.sample.kind === 'ok' && event.sample.at >= before.since) break;
          if (event.sample.kind === 'fail' && UNMENDABLE.includes(event.sample.class)) continue;
          if (event.sample.kind === 'fail') run += 1;
        }
        assert.ok(run >= policy.failureThreshold, `${run} failures`);
      });
    }),
  );

  test(
    'after a stop or delete nothing starts the app until PM2 shows it online, errored or lost again',
    holds((trace) => {
      for (const taken of trace) {
        const { status } = taken.before.process;
        if (restartOf(taken)) assert.ok(['online', 'errored', 'lost'].includes(status));
      }
    }),
  );

  test(
    'degraded issues no restart by what cannot be mended',
    holds((trace) => {
      for (const taken of trace) {
        const { event, after } = taken;
        if (event.type !== 'sample' || event.sample.kind !== 'fail') continue;
        if (UNMENDABLE.includes(event.sample.class)) assert.equal(restartOf(taken), undefined);
        if (after.state.name === 'degraded') assert.equal(restartOf(taken), undefined);
      }
    }),
  );

  test(
    'incidents open and resolve in turn, and the state agrees',
    holds((trace) => {
      let open = false;
      for (const { decisions, after } of trace) {
        for (const { type } of decisions) {
          if (type === 'incidentOpened') assert.equal(open, false);
          if (type === 'incidentResolved') assert.equal(open, true);
          if (type === 'incidentOpened') open = true;
          if (type === 'incidentResolved') open = false;
        }
        assert.equal(after.incident !== null, open);
        if (after.state.name === 'healthy' && open) assert.equal(after.incident?.cause, 'flapping');
      }
    }),
  );

  test(
    'every change of state is told, once, and `since` is its time',
    holds((trace) => {
      for (const { before, after, decisions } of trace) {
        const told = decisions.filter(({ type }) => type === 'transition');
        assert.equal(told.length, before.state.name === after.state.name ? 0 : 1);
        if (told.length === 1) assert.equal(after.since, after.at);
        else assert.ok(after.since <= after.at);
      }
    }),
  );

  test(
    'nothing grows without bound',
    holds((trace, policy) => {
      for (const { after } of trace) {
        assert.ok(after.memory.budget.length <= policy.restarts.limit);
      }
    }),
  );
});

describe('the same history', () => {
  test('and seed give the same decisions', () => {
    fc.assert(
      fc.property(history, policies, seeds, (ops, policy, seed) => {
        const events = eventsOf(ops);
        assert.deepEqual(run(events, policy, seed), run(events, policy, seed));
      }),
      { numRuns: 100 },
    );
  });

  test('at another time of the monotonic clock gives the same decisions', () => {
    fc.assert(
      fc.property(
        history,
        policies,
        seeds,
        fc.integer({ min: 0, max: 1e9 }),
        (ops, policy, seed, by) => {
          const types = (trace: Taken[]): unknown =>
            trace.map(({ decisions }) => decisions.map((d) => d.type));
          assert.deepEqual(
            types(run(eventsOf(ops), policy, seed)),
            types(run(eventsOf(ops, by), policy, seed, by)),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test('with stale samples in between ends the same', () => {
    fc.assert(
      fc.property(history, policies, seeds, fc.nat(), (ops, policy, seed, where) => {
        const events = eventsOf(ops);
        const index = where % (events.length + 1);
        const at = events[index - 1]?.at ?? 0;
        const sample = sampleOf('refused', at);
        const stale: Event = {
          type: 'sample',
          at,
          incarnation: 'another life',
          sample,
          load: 'unknown',
          slotFreeAt: 0,
        };
        const strewn = events.toSpliced(index, 0, stale, stale, stale, stale);
        const endOf = (taken: readonly Event[]): Verdict =>
          run(taken, policy, seed).at(-1)?.after ?? initialVerdict(0, freshMemory(seed));
        assert.deepEqual(endOf(strewn), endOf(events));
      }),
      // A history of nothing but the slot is one without events: it ends as it began.
      { numRuns: 200, examples: [[[[1, { op: 'slot', free: false }]], policyOf(), 0, 0]] },
    );
  });

  test('with late events never moves time back', () => {
    fc.assert(
      fc.property(history, policies, seeds, fc.array(fc.nat(10_000)), (ops, policy, seed, late) => {
        const events = eventsOf(ops).map((event, i) => ({
          ...event,
          at: event.at - (late[i] ?? 0),
        }));
        for (const { before, after } of run(events, policy, seed)) assert.ok(after.at >= before.at);
      }),
      { numRuns: 100 },
    );
  });
});

describe('delays', () => {
  test('lie in [½d, d], do not shrink until reset, and end at the cap', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1_000, max: 600_000 }), (seed, maxBackoffMs) => {
        const rules = { ...policyOf().restarts, maxBackoffMs };
        let backoff = freshBackoff(seed);
        let at = 0;
        for (let nth = 0; nth < 30; nth += 1) {
          const nominal = Math.min(maxBackoffMs, BACKOFF_BASE_MS * 2 ** nth);
          const next = nextBackoff(backoff, at, rules);
          assert.ok(next.delayMs >= nominal / 2 && next.delayMs <= nominal);
          assert.ok(next.delayMs >= backoff.delayMs);
          assert.equal(next.notBefore, at + next.delayMs);
          at = next.notBefore;
          backoff = next;
        }
      }),
    );
  });
});

describe('a failure for good', () => {
  test('that a restart can fix leads to a restart within the computed bound', () => {
    fc.assert(
      fc.property(
        policies,
        seeds,
        fc.constantFrom(...(MENDABLE as FailureClass[])), // the list above is of that type
        (policy, seed, cls) => {
          const driver = new Driver(policy, seed).comesOnline().answers(OK);
          const brokenAt = driver.now;
          while (driver.restarts.length === 0 && driver.now < brokenAt + 60_000) {
            driver.answers(fail(cls));
          }
          assert.equal(driver.restarts.length, 1);
          assert.equal(driver.now - brokenAt, policy.failureThreshold * 1_000);
        },
      ),
    );
  });

  test('that no restart fixes decays to one restart per maxCooldown', () => {
    fc.assert(
      fc.property(policies, seeds, (policy, seed) => {
        const driver = new Driver(policy, seed).comesOnline().answers(OK);
        const times: number[] = [];
        for (let i = 0; i < 40_000; i += 1) {
          driver.answers(fail('refused')).after(4_000);
          if (driver.restarts.length > times.length) {
            times.push(driver.now);
            driver.restarted();
          }
        }
        assert.ok(times.length >= 3);
        const last = times.slice(-3);
        for (const [i, time] of last.entries()) {
          const earlier = last[i - 1];
          if (earlier !== undefined) assert.ok(time - earlier >= policy.restarts.maxCooldownMs);
        }
      }),
      { numRuns: 6 },
    );
  });

  test('of changing classes is still tried once per maxCooldown, and no more', () => {
    const classes = fc.constantFrom<FailureClass>(
      'refused',
      'refused',
      'refused',
      'status',
      'source',
    );
    fc.assert(
      fc.property(
        policies,
        seeds,
        fc.array(classes, { minLength: 20, maxLength: 60 }),
        (policy, seed, mix) => {
          const driver = new Driver(policy, seed).comesOnline().answers(OK);
          const times: number[] = [];
          for (let i = 0; i < 20_000; i += 1) {
            // A run of fixable failures in every round, long enough to prove a restart.
            const cls = i % 40 < 12 ? 'refused' : (mix[i % mix.length] ?? 'refused');
            driver.answers(fail(cls)).after(4_000);
            if (driver.restarts.length > times.length) {
              times.push(driver.now);
              driver.restarted();
            }
          }
          assert.ok(times.length >= 3, `${times.length} restarts`);
          const [earlier, later] = times.slice(-2);
          if (earlier === undefined || later === undefined) return;
          assert.ok(later - earlier >= policy.restarts.maxCooldownMs);
          assert.ok(driver.now - later <= 2 * policy.restarts.maxCooldownMs, 'no trial any more');
        },
      ),
      { numRuns: 6 },
    );
  });

  test('that is the source’s never leads to one', () => {
    const driver = new Driver().comesOnline().answers(OK);
    for (let i = 0; i < 10_000; i += 1) driver.answers(fail('source'));
    assert.equal(driver.restarts.length, 0);
  });
});

/** Apps that fail in turn under one slot; gives how many restarts were in flight at most. */
function mostInFlight(count: number, turns: readonly (readonly [number, number])[]): number {
  let most = 0;
  const drivers = Array.from({ length: count }, (_, i) => new Driver(policyOf(), i));
  for (const driver of drivers) driver.comesOnline(1e6).answers(OK);
  let slot = FREE_SLOT;
  const inFlight = new Map<Driver, Flight>();
  let now = 10_000;
  for (const [who, luck] of turns) {
    now += 400;
    const driver = drivers[who % count];
    if (!driver) continue;
    const flight = inFlight.get(driver);
    if (flight && luck === 0) {
      driver.now = now;
      driver.acted('done').comesOnline();
      inFlight.delete(driver);
      slot = release(slot, flight);
    }
    driver.now = now;
    // PM2's call has not returned, but the new incarnation is there and can hang in turn.
    if (flight && luck === 1) driver.comesOnline(1e6).answers(OK);
    now = Math.max(now, driver.now);
    driver.slotFreeAt = slotFreeAt(slot);
    const before = driver.restarts.length;
    driver.sample({ ...fail('refused'), at: now, durationMs: 1 });
    if (driver.restarts.length === before) continue;
    assert.ok(!inFlight.has(driver), 'a second one of the same app');
    assert.ok(now - slot.takenAt >= 5_000);
    for (const { at } of inFlight.values()) assert.ok(now - at >= 10_000);
    const begun = { name: String(who), at: now };
    inFlight.set(driver, begun);
    slot = take(slot, begun);
    most = Math.max(most, inFlight.size);
    assert.ok(inFlight.size <= 4);
  }
  return most;
}

describe('many apps', () => {
  test('that hang while no restart ends have four in flight, ten seconds apart', () => {
    const drivers = Array.from({ length: 6 }, (_, i) => new Driver(policyOf(), i));
    for (const driver of drivers) driver.comesOnline(1e6).answers(OK);
    let slot = FREE_SLOT;
    const begun: number[] = [];
    for (let now = 10_000; now < 100_000; now += 500) {
      for (const driver of drivers) {
        driver.now = now;
        driver.slotFreeAt = slotFreeAt(slot);
        const before = driver.restarts.length;
        driver.sample({ ...fail('refused'), at: now, durationMs: 1 });
        if (driver.restarts.length === before) continue;
        slot = take(slot, { name: driver.life, at: now });
        begun.push(now);
      }
    }
    assert.equal(begun.length, 4);
    assert.deepEqual(
      begun.map((at) => at - (begun[0] ?? 0)),
      [0, 10_000, 20_000, 30_000],
    );
  });

  test('share one slot: five seconds apart, ten after one that lasts, four in flight, one per app', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 7 }),
        fc.array(fc.tuple(fc.nat(6), fc.nat(9)), { minLength: 50, maxLength: 300 }),
        (count, turns) => {
          mostInFlight(count, turns);
        },
      ),
      // Of a hundred runs sometimes none comes to four.
      { numRuns: 600 },
    );
  });

  test('of which all hang have four restarts in flight', () => {
    const turns = Array.from({ length: 300 }, (_, nth) => [nth, 9] as const);
    assert.equal(mostInFlight(7, turns), 4);
  });
});

describe('a spell of unfitness', () => {
  test('is followed by its time to settle in which nothing is decided', () => {
    fc.assert(
      fc.property(
        policies,
        seeds,
        fc.array(fc.constantFrom(OK, fail('timeout')), { maxLength: 40 }),
        (policy, seed, answers) => {
          const driver = new Driver(policy, seed).comesOnline().answers(OK);
          driver.apply({ type: 'fitness', at: driver.now, unfit: 'lag' });
          driver.apply({ type: 'fitness', at: driver.now, unfit: null });
          const fitAt = driver.now;
          for (const answer of answers) {
            driver.answers(answer).tick();
            if (driver.now < fitAt + SETTLE_MS) assert.equal(driver.state, 'unknown');
          }
        },
      ),
    );
  });
});
