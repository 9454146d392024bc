import { BEAT_MS, delayOf, silenceOf } from './beat.ts';
import { condense, type CondensedProfile } from './profile.ts';
import type { MainSession } from './main-session.ts';
import { Places } from './places.ts';
import type { ActiveFacts, AgentAnswer, AgentAsk, ProfileFacts } from './shapes.ts';

/** A main thread that has not answered after this time is blocked. */
export const PING_MS = 60;

/** A profile of a blocked main thread, and one that is asked for. */
const SHORT_MS = 50;
const LONG_MS = 1_000;

/** How long the inspector may take beside the profile itself: on a machine without time it is slow. */
const INSPECT_MS = 2_000;

/** What a look uses. */
export interface LookDeps {
  readonly pid: number;
  readonly birth: string | null;
  readonly cwd: string;
  readonly beat: Float64Array;
  /** Asks the main thread; null where it does not answer within the milliseconds. */
  readonly askMain: (ms: number) => Promise<ActiveFacts | null>;
}

/** What is known without the main thread. */
export function knownOf({ pid, birth, beat }: Omit<LookDeps, 'cwd' | 'askMain'>): AgentAnswer {
  const now = performance.timeOrigin + performance.now();
  const silentMs = Math.round(silenceOf(beat, now));
  return {
    schemaVersion: 1,
    pid,
    birth,
    isBlocked: silentMs > BEAT_MS + PING_MS,
    silentMs,
    delay: delayOf(beat, now),
    active: null,
    stack: null,
    profile: null,
  };
}

/**
 * Looks at the main thread. Gives `tell` what is known so far, again with the stack, and again with a
 * profile: who asks may have no time for all of it.
 */
export async function lookAtMain(
  ask: AgentAsk,
  deps: LookDeps,
  tell: (answer: AgentAnswer) => void,
): Promise<void> {
  const active = await deps.askMain(PING_MS);
  const isBlocked = active === null;
  const answer = { ...knownOf(deps), isBlocked, active };
  tell(answer);
  if (!isBlocked && ask !== 'profile') return;
  await inspect(ask === 'profile' ? LONG_MS : SHORT_MS, deps.cwd, answer, tell);
}

/** Loads the inspector only now: it is seldom needed. */
async function inspect(
  ms: number,
  cwd: string,
  answer: AgentAnswer,
  tell: (answer: AgentAnswer) => void,
): Promise<void> {
  const until = performance.now() + ms + INSPECT_MS;
  let session: MainSession | null = null;
  try {
    session = new (await import('./main-session.ts')).MainSession(until);
    const places = new Places(cwd, until, session.mapUrls);
    const paused = answer.isBlocked ? await session.stack() : null;
    const stack = paused && (await places.showAll(paused));
    if (stack !== null) tell({ ...answer, stack });
    const nodes = await session.profile(ms);
    if (nodes === null) return;
    const condensed = condense(nodes);
    const profile = await profileFacts(condensed, places, ms);
    tell({ ...answer, stack: stack ?? (await places.showAll(condensed.stack)), profile });
  } catch {
    // A Node without an inspector.
  } finally {
    session?.end();
  }
}

async function profileFacts(
  { hot, idleShare, gcShare }: CondensedProfile,
  places: Places,
  ms: number,
): Promise<ProfileFacts> {
  const frames = await places.showAll(hot);
  const shares = frames.map((frame, at) => ({ ...frame, share: hot[at]?.share ?? 0 }));
  return { hot: shares, idleShare, gcShare, ms };
}
