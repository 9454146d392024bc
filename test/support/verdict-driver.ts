import type { FailureClass, Outcome, Sample } from '../../src/probe/probe.ts';
import type {
  ActionResult,
  DeployEvidence,
  Event,
  Load,
  RestartEvidence,
} from '../../src/verdict/event.ts';
import type { Decision } from '../../src/verdict/decision.ts';
import type { OwnStart } from '../../src/verdict/start/own-start.ts';
import type { LostEvidence, ProcessStatus } from '../../src/verdict/process.ts';
import type { Policy } from '../../src/verdict/policy.ts';
import { freshMemory, initialVerdict, type Verdict } from '../../src/verdict/verdict.ts';
import { step } from '../../src/verdict/step.ts';

/** The default policy of DESIGN §2, in milliseconds; any rule can be replaced. */
export function policyOf(
  rules: Partial<Omit<Policy, 'restarts'>> & { restarts?: Partial<Policy['restarts']> } = {},
): Policy {
  const { restarts, ...rest } = rules;
  return {
    failureThreshold: 3,
    successThreshold: 1,
    startupTimeoutMs: 120_000,
    busyGraceMs: 30_000,
    action: 'restart',
    ...rest,
    restarts: {
      limit: 5,
      withinMs: 600_000,
      maxBackoffMs: 300_000,
      cooldownMs: 900_000,
      maxCooldownMs: 7_200_000,
      ...restarts,
    },
  };
}

export const OK = { kind: 'ok', detail: '204' } as const;
/** The detail of an unknown sample. */
type Unknown = Extract<Outcome, { readonly kind: 'unknown' }>;

export const UNKNOWN: Unknown = {
  kind: 'unknown',
  cause: 'dns',
  detail: 'getaddrinfo EAI_AGAIN',
};

/** A failed outcome of a class. */
export function fail(cls: FailureClass): { kind: 'fail'; class: FailureClass; detail: string } {
  return { kind: 'fail', class: cls, detail: `a ${cls}` };
}

/** One target stepped by hand: every method is one event, and the decisions are kept. */
export class Driver {
  now = 0;
  slotFreeAt = Number.NEGATIVE_INFINITY;
  heldUntil = Number.NEGATIVE_INFINITY;
  drainFreeAt = Number.NEGATIVE_INFINITY;
  /** What a look at the files of the app finds; undefined is no look. */
  deploy: DeployEvidence | null | undefined = undefined;
  load: Load = 'unknown';
  ownStart: OwnStart | null = null;
  verdict: Verdict;
  decisions: Decision[] = [];
  readonly policy: Policy;
  #life = 0;

  constructor(policy: Policy = policyOf(), seed = 1) {
    this.policy = policy;
    this.verdict = initialVerdict(0, freshMemory(seed));
  }

  /** The incarnation that is online, or was last. */
  get life(): string {
    return `life-${this.#life}`;
  }

  get state(): Verdict['state']['name'] {
    return this.verdict.state.name;
  }

  get restarts(): Decision[] {
    return this.decisions.filter(({ type }) => type === 'restart');
  }

  apply(event: Event): this {
    const move = step(this.verdict, event, this.policy);
    this.verdict = move.verdict;
    this.decisions.push(...move.decisions);
    return this;
  }

  after(ms: number): this {
    this.now += ms;
    return this;
  }

  /** PM2 shows a new incarnation. */
  comesOnline(ageMs = 0): this {
    this.#life += 1;
    return this.process('online', ageMs);
  }

  /** PM2 shows a new incarnation, and waits for its ready message. */
  launches(): this {
    this.#life += 1;
    return this.process('launching');
  }

  process(status: ProcessStatus, ageMs = 0, lost?: LostEvidence): this {
    const isThere = status === 'online' || status === 'launching' || status === 'stuck';
    const incarnation = isThere ? this.life : null;
    const event = { type: 'process', at: this.now, status, incarnation, ageMs } as const;
    return this.apply(lost === undefined ? event : { ...event, lost });
  }

  /** The present incarnation gives these answers; one second passes before each. */
  answers(...outcomes: (typeof OK | Unknown | ReturnType<typeof fail>)[]): this {
    for (const outcome of outcomes) {
      this.after(1_000).sample({ ...outcome, at: this.now, durationMs: 1 });
    }
    return this;
  }

  /** The same for any outcome. */
  hears(...outcomes: Outcome[]): this {
    for (const outcome of outcomes) {
      this.after(1_000).sample({ ...outcome, at: this.now, durationMs: 1 });
    }
    return this;
  }

  sample(sample: Sample, incarnation = this.life): this {
    const { now: at, load, ownStart } = this;
    const evidence = { load, ownStart, ...this.#gates() };
    return this.apply({ type: 'sample', at, incarnation, sample, ...evidence });
  }

  tick(): this {
    return this.apply({ type: 'tick', at: this.now, ...this.#gates() });
  }

  /** Something was saved that may bring the app up again. */
  saved(what: string): this {
    return this.apply({ type: 'saved', at: this.now, what });
  }

  acted(result: ActionResult = 'done', detail = ''): this {
    return this.apply({ type: 'acted', at: this.now, result, detail });
  }

  /** The decided restart is executed: a new incarnation after two seconds. */
  restarted(): this {
    return this.after(2_000).acted('done').comesOnline();
  }

  #gates(): RestartEvidence {
    const { slotFreeAt, heldUntil, drainFreeAt, deploy } = this;
    return { slotFreeAt, heldUntil, drainFreeAt, ...(deploy !== undefined && { deploy }) };
  }
}
