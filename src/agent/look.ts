import { delayOf, silenceOf } from './beat.ts';
import { condense } from './profile.ts';
import { Places } from './places.ts';
import type { ActiveFacts, AgentAnswer, AgentAsk, ProfileFacts } from './shapes.ts';

/** A main thread that has not answered after this time is blocked. */
const PING_MS = 60;

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

/**
 * Looks at the main thread. Gives what is known at once to `tell`, and again with a profile where there is one:
 * who asks may have no time for it.
 */
export async function lookAtMain(
  ask: AgentAsk,
  deps: LookDeps,
  tell: (answer: AgentAnswer) => void,
): Promise<void> {
  const active = await deps.askMain(PING_MS);
  const isBlocked = active === null;
  const now = performance.timeOrigin + performance.now();
  const answer: AgentAnswer = {
    schemaVersion: 1,
    pid: deps.pid,
    birth: deps.birth,
    isBlocked,
    silentMs: Math.round(silenceOf(deps.beat, now)),
    delay: delayOf(deps.beat),
    active,
    profile: null,
  };
  tell(answer);
  if (!isBlocked && ask !== 'profile') return;
  const profile = await profileOf(ask === 'profile' ? LONG_MS : SHORT_MS, deps.cwd);
  if (profile !== null) tell({ ...answer, profile });
}

/** Loads the inspector only now: it is seldom needed. */
async function profileOf(ms: number, cwd: string): Promise<ProfileFacts | null> {
  const until = performance.now() + ms + INSPECT_MS;
  try {
    const { MainSession } = await import('./main-session.ts');
    const session = new MainSession(until);
    try {
      const nodes = await session.profile(ms);
      if (nodes === null) return null;
      const { stack, hot, ...shares } = condense(nodes);
      const inMemory = Places.inMemory([...stack, ...hot]);
      const mapUrls = inMemory.size > 0 ? await session.mapUrls(inMemory) : new Map();
      const places = new Places(cwd, until);
      const shown: { stack: ProfileFacts['stack'][number][]; hot: ProfileFacts['hot'][number][] } =
        {
          stack: [],
          hot: [],
        };
      for (const frame of stack) shown.stack.push(await places.show(frame, mapUrls));
      for (const frame of hot)
        shown.hot.push({ ...(await places.show(frame, mapUrls)), share: frame.share });
      return { ...shown, ...shares, ms };
    } finally {
      session.end();
    }
  } catch {
    // A Node without an inspector.
    return null;
  }
}
