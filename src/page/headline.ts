import { andMore } from '../text/and-more.ts';
import { instanceLabel } from '../text/instance-label.ts';
import type { StatusDocument, TargetStatus } from '../report/status.ts';
import { faceOf, worstFirst, type Shape, type Tone } from './face.ts';
import { longText, timesText, untilText } from './times.ts';

/** The one sentence that says whether all is well, and one beside it. */
export interface Headline {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly text: string;
  /** Why, and what comes next; null where the sentence says it all. */
  readonly more: string | null;
}

/** Says in one sentence how all apps are; `now` is in epoch milliseconds. */
export function headlineOf(status: StatusDocument, now: number): Headline {
  const { monitor } = status;
  const unsure = { tone: 'calm', shape: 'ask' } as const;
  if (monitor.state === 'standby') {
    return {
      ...unsure,
      text: 'Another monitor leads here.',
      more: 'This one stands by and takes over when that one is gone.',
    };
  }
  if (monitor.state === 'unfit') {
    const more = `What you see is what was last known. ${monitor.unfit ?? ''}`.trim();
    return { ...unsure, text: 'The monitor cannot judge now.', more };
  }
  if (status.targets.length === 0) return emptyHeadline(status);
  const targets = worstFirst(status.targets);
  return troubleHeadline(targets, now) ?? restHeadline(targets);
}

function emptyHeadline({ monitor, misconfigured }: StatusDocument): Headline {
  if (monitor.lastRoundAt === null) {
    return {
      tone: 'busy',
      shape: 'start',
      text: 'The monitor is starting.',
      more: "It has not read PM2's list yet.",
    };
  }
  const more =
    misconfigured.length === 0
      ? null
      : `The settings of ${listed(misconfigured.map(({ name }) => name))} cannot be used.`;
  return { tone: 'calm', shape: 'ask', text: 'No app is watched yet.', more };
}

/** The kinds of trouble, worst first; the first that some app has makes the sentence. */
const TROUBLES: readonly (readonly [is: (target: TargetStatus) => boolean, verb: string])[] = [
  [(target) => isDown(target), 'down'],
  [(target) => target.state === 'failing', 'failing'],
  [(target) => target.state === 'degraded', 'degraded'],
  [(target) => target.state === 'healthy' && target.incident !== null, 'up and down in turn'],
];

function troubleHeadline(targets: readonly TargetStatus[], now: number): Headline | null {
  for (const [is, verb] of TROUBLES) {
    const found = targets.filter(is);
    const [first] = found;
    if (first === undefined) continue;
    const { tone, shape } = faceOf(first);
    const text = `${listed(found.map(labelOf))} ${found.length === 1 ? 'is' : 'are'} ${verb}.`;
    return {
      tone: verb === 'down' ? 'bad' : tone,
      shape,
      text,
      more: found.length === 1 ? storyOf(first, now) : restText(targets, found),
    };
  }
  return null;
}

/** Proven down: also the failing app whose failure is proven, and that waits for something else. */
export function isDown(target: TargetStatus): boolean {
  const isProven = target.state === 'failing' && target.failures >= target.threshold;
  return isProven || faceOf(target).isDown;
}

/** `no answer within 5s, for 3m; restarted twice; next in 40s: one trial restart` */
function storyOf({ incident, last, restarts, next, summary }: TargetStatus, now: number): string {
  if (incident === null) return last?.ok === false ? last.detail : summary;
  const forMs = now - Date.parse(incident.since);
  const restarted = incident.restarts === 0 ? null : `restarted ${timesText(incident.restarts)}`;
  const when = next.at === null ? '' : ` ${untilText(Date.parse(next.at) - now)}`;
  const none = incident.restarts === 0 && restarts.limit === 0 ? 'not restarted' : null;
  return [
    `${incident.detail}, for ${longText(Math.max(0, forMs))}`,
    restarted ?? none,
    `next${when}: ${next.what}`,
  ]
    .filter((part) => part !== null)
    .join('; ');
}

function restText(targets: readonly TargetStatus[], found: readonly TargetStatus[]): string {
  const up = targets.filter(
    (target) => target.state === 'healthy' && !found.includes(target),
  ).length;
  return `${up} of ${targets.length} apps ${up === 1 ? 'is' : 'are'} up.`;
}

/** Nothing is wrong: all are up, or start, or are paused, or nothing is known of them. */
function restHeadline(targets: readonly TargetStatus[]): Headline {
  const of = (state: TargetStatus['state']): readonly TargetStatus[] =>
    targets.filter((target) => target.state === state);
  const [up, starting, unknown, paused] = [
    of('healthy'),
    of('starting'),
    of('unknown'),
    of('paused'),
  ];
  const notes = [
    ...note(paused, 'paused'),
    ...note(
      up.filter(({ slow }) => slow !== undefined),
      'slow',
    ),
  ];
  const more = notes.length === 0 ? null : `${notes.join('; ')}.`;
  if (unknown.length > 0) {
    const text = `It is not known how ${listed(unknown.map(labelOf))} ${unknown.length === 1 ? 'is' : 'are'}.`;
    return { tone: 'calm', shape: 'ask', text, more: unknown[0]?.summary ?? more };
  }
  if (starting.length > 0) {
    const text = `${listed(starting.map(labelOf))} ${starting.length === 1 ? 'is' : 'are'} starting.`;
    return { tone: 'busy', shape: 'start', text, more };
  }
  if (up.length === 0)
    return { tone: 'calm', shape: 'pause', text: 'Every app is paused.', more: null };
  return { tone: 'good', shape: 'up', text: upText(up, paused.length), more };
}

function upText(up: readonly TargetStatus[], paused: number): string {
  const [first] = up;
  if (up.length === 1 && first !== undefined) return `${labelOf(first)} is up.`;
  return paused > 0 ? `All ${up.length} other apps are up.` : `All ${up.length} apps are up.`;
}

function note(found: readonly TargetStatus[], word: string): readonly string[] {
  return found.length === 0
    ? []
    : [`${listed(found.map(labelOf))} ${found.length === 1 ? 'is' : 'are'} ${word}`];
}

/** `web`, `web and api`, `web, api and 3 more`. */
function listed(names: readonly string[]): string {
  const [first = '', second = '', third] = names;
  if (names.length <= 1) return first;
  if (third === undefined) return `${first} and ${second}`;
  return `${first}, ${second}${andMore(names.length - 2)}`;
}

/** The name of a target for people. */
export function labelOf({ name, instance }: Pick<TargetStatus, 'name' | 'instance'>): string {
  return instanceLabel(name, instance);
}
