import { durationText } from '../../text/duration-text.ts';
import { singleLine } from '../../text/single-line.ts';
import { localTime } from './local-time.ts';
import type { Notice, NoticeApp, Severity } from './notice.ts';

/** One line of a message: what it is about, and what is known. Both are one safe line, not escaped. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  /** The value is to be typed at a terminal, so it is never cut. */
  readonly isCommand?: true;
}

const MAX_VALUE = 300;
/** Deeds of one incident that a message names: the latest. */
const MAX_DONE = 5;
const MAX_COMMAND = 400;

/** What a message says about one app, in the order in which a person asks. */
export function factsOf(app: NoticeApp): readonly Fact[] {
  const { reason, detail, openedAt, resolvedAt, downtimeMs, done, next, diagnosis, command } = app;
  const isSaid = detail === '' || reason.includes(detail);
  const earlier = done.length - MAX_DONE;
  return [
    fact(
      'Cause',
      isSaid || detail.includes(reason) ? longer(reason, detail) : `${reason}: ${detail}`,
    ),
    fact(resolvedAt === null ? 'Since' : 'From', localTime(openedAt)),
    ...(resolvedAt === null ? [] : [fact('Until', localTime(resolvedAt))]),
    ...(downtimeMs === null ? [] : [fact('Down for', durationText(downtimeMs))]),
    ...(earlier > 0 ? [fact('Done', `${earlier} more before`)] : []),
    ...done.slice(-MAX_DONE).map((deed) => fact('Done', deed)),
    ...(next === null ? [] : [fact('Next', next)]),
    ...(diagnosis === null ? [] : [fact('Diagnosis', diagnosis)]),
    { label: 'Type', value: singleLine(command, MAX_COMMAND), isCommand: true },
  ];
}

/** Which machine sends this, and when: the last line of every message. */
export function footerOf({ host, at }: Notice): string {
  return `pm2-liveness on ${singleLine(host, 64)}, ${localTime(at)}`;
}

/** How loud a message is: its severity, but what is over needs nobody. */
export function toneOf({ event, severity }: Notice): Severity {
  return event === 'resolved' || event === 'fixed' ? 'info' : severity;
}

/** What a message without apps says; null where it has apps. */
export function textOf({ text, apps }: Notice): string | null {
  return text === null && apps.length > 0 ? null : singleLine(text ?? '', MAX_VALUE * 2);
}

/** How a message ends whose notice has more apps than it names; null where it names all. */
export function restOf(unnamed: number): string | null {
  if (unnamed <= 0) return null;
  const apps = unnamed === 1 ? '1 more app' : `${unnamed} more apps`;
  return `and ${apps}: npx pm2-liveness status`;
}

function fact(label: string, value: string): Fact {
  return { label, value: singleLine(value, MAX_VALUE) };
}

function longer(a: string, b: string): string {
  return a.length >= b.length ? a : b;
}
