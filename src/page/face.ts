import type { TargetStatus } from '../report/status.ts';

/** How good or bad something is; chooses the colour, which never stands alone. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'calm';

/** The name of a shape, see `shapes.ts`. */
export type Shape =
  | 'up'
  | 'start'
  | 'fail'
  | 'turn'
  | 'wait'
  | 'stop'
  | 'trial'
  | 'part'
  | 'pause'
  | 'ask';

/** How a state looks: its word, its shape and its colour. */
export interface Face {
  readonly word: string;
  readonly shape: Shape;
  readonly tone: Tone;
  /** The lower, the earlier it is shown. */
  readonly rank: number;
  /** True where the app does not serve its users now, as far as is known. */
  readonly isDown: boolean;
}

const FACES: Readonly<Record<TargetStatus['state'], Face>> = {
  open: { word: 'gave up', shape: 'stop', tone: 'bad', rank: 0, isDown: true },
  backoff: { word: 'down', shape: 'wait', tone: 'bad', rank: 1, isDown: true },
  halfOpen: { word: 'trial restart', shape: 'trial', tone: 'bad', rank: 2, isDown: true },
  restarting: { word: 'restarting', shape: 'turn', tone: 'bad', rank: 3, isDown: true },
  failing: { word: 'failing', shape: 'fail', tone: 'warn', rank: 4, isDown: false },
  degraded: { word: 'degraded', shape: 'part', tone: 'warn', rank: 5, isDown: false },
  unknown: { word: 'not known', shape: 'ask', tone: 'calm', rank: 6, isDown: false },
  starting: { word: 'starting', shape: 'start', tone: 'busy', rank: 7, isDown: false },
  healthy: { word: 'up', shape: 'up', tone: 'good', rank: 9, isDown: false },
  paused: { word: 'paused', shape: 'pause', tone: 'calm', rank: 10, isDown: false },
};

/** How the state of a target looks now. */
export function faceOf({ state, slow, incident, certificate }: TargetStatus): Face {
  const face = FACES[state];
  if (state !== 'healthy') return face;
  // Up, and yet worth a look: first among those that are up.
  if (incident !== null)
    return { ...face, word: `up, ${incident.cause}`, shape: 'part', tone: 'warn', rank: 5.5 };
  if (slow !== undefined)
    return { ...face, word: 'up, slow', tone: 'warn', shape: 'part', rank: 8 };
  return certificate === undefined ? face : { ...face, rank: 8.5 };
}

/** The targets, worst first; those of one kind by name. */
export function worstFirst(targets: readonly TargetStatus[]): readonly TargetStatus[] {
  return targets
    .map((target) => ({ target, rank: faceOf(target).rank }))
    .sort(
      (one, other) =>
        one.rank - other.rank ||
        compare(one.target.name, other.target.name) ||
        one.target.instance - other.target.instance,
    )
    .map(({ target }) => target);
}

/** Numbers in names count as numbers: `api-2` comes before `api-10`. */
const { compare } = new Intl.Collator('en', { numeric: true });
