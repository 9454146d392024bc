import { andMore } from '../../text/and-more.ts';
import { durationText } from '../../text/duration-text.ts';
import { singleLine } from '../../text/single-line.ts';
import type { Notice, NoticeApp, NoticeEvent } from './notice.ts';

/** What a phone shows of a subject. */
const MAX_SUBJECT = 60;
const MAX_NAME = 30;

/** The message in one line of at most 60 characters: `web is down: no answer (3 of 3 checks)`. */
export function subjectOf(notice: Notice): string {
  const [first, second] = notice.apps;
  if (first === undefined) return singleLine(textSubject(notice), MAX_SUBJECT);
  const count = notice.apps.length + notice.moreApps;
  if (second !== undefined || count > 1) return singleLine(manySubject(notice, count), MAX_SUBJECT);
  return singleLine(headlineOf(first, notice.event, nameOf(first, MAX_NAME)), MAX_SUBJECT);
}

/** One app in a sentence, as in a subject, for a message about several. */
export function headlineOf(app: NoticeApp, event: NoticeEvent, name = nameOf(app)): string {
  switch (event) {
    case 'resolved':
      if (app.cause === 'monitor') return `${name} works again${downFor(app)}`;
      return `${name} ${endingOf(app)}${downFor(app)}`;
    case 'fixed':
      return `${name} was ${app.restarts > 0 ? 'restarted' : 'down'} and is up again${downFor(app)}`;
    case 'reminder':
      return `${name} ${stillOf(stateOf(app))}: ${app.reason}`;
    case 'opened':
    case 'monitor':
    case 'test':
      return `${name} ${stateOf(app)}: ${app.reason}`;
  }
}

/** An app for people: its name, and its instance where the incident is about one. One safe line. */
export function nameOf({ app, instance }: NoticeApp, maxChars = 80): string {
  const name = singleLine(app, maxChars);
  return instance === null ? name : `${name} ${instance}`;
}

/** How an app is, by the cause of its incident; all other causes are `is down`. */
const STATES: Readonly<Record<string, string>> = {
  unstable: 'is unstable',
  flapping: 'is unsteady',
  source: 'has an error in its code',
  misconfig: 'needs other settings',
  memory: 'needs too much memory',
  certificate: 'has an expired certificate',
  unknown: 'is not checked',
  monitor: 'has a problem',
};

function stateOf({ cause }: NoticeApp): string {
  return Object.hasOwn(STATES, cause) ? (STATES[cause] ?? '') : 'is down';
}

/** `is still down`, `still has an error`. */
function stillOf(state: string): string {
  return state.startsWith('is ') ? `is still ${state.slice(3)}` : `still ${state}`;
}

/** What is to say of an app whose incident is over. An app that an operator stopped is not up. */
const ENDS: Readonly<Record<string, string>> = {
  recovered: 'is up again',
  stopped: 'was stopped in PM2',
  deleted: 'was deleted from PM2',
  gone: 'is no longer in PM2',
  paused: 'is paused by an operator',
  debugged: 'is stopped in a debugger',
};

function endingOf({ cause, end }: NoticeApp): string {
  const how = end ?? 'recovered';
  // It is not known how it was meanwhile.
  if (cause === 'unknown' && how === 'recovered') return 'is checked again';
  return ENDS[how] ?? 'is no longer checked';
}

function downFor({ downtimeMs, end = 'recovered' }: NoticeApp): string {
  return downtimeMs === null || end !== 'recovered' ? '' : ` after ${durationText(downtimeMs)}`;
}

function textSubject({ event, text, host }: Notice): string {
  if (event === 'test') return `Test message from pm2-liveness on ${host}`;
  return text ?? `pm2-liveness on ${host} has a problem`;
}

/** What several apps have in common, by event. */
const MANY: Readonly<Record<NoticeEvent, string>> = {
  opened: 'have a problem',
  reminder: 'still have a problem',
  resolved: 'no longer have a problem',
  fixed: 'were down and are up again',
  monitor: 'have a problem',
  test: 'have a problem',
};

/** `3 apps are down: web, api, worker`. */
function manySubject({ apps, event }: Notice, count: number): string {
  const isDown = apps.every((app) => stateOf(app) === 'is down');
  const isUp = apps.every((app) => endingOf(app) === 'is up again');
  const common =
    isDown && (event === 'opened' || event === 'reminder')
      ? `are ${event === 'reminder' ? 'still ' : ''}down`
      : isUp && event === 'resolved'
        ? 'are up again'
        : MANY[event];
  const begin = `${count} apps ${common}: `;
  const names = apps.map((app) => nameOf(app, MAX_NAME));
  // Only whole names, as many as there is room for.
  for (let shown = names.length; shown > 0; shown -= 1) {
    const subject = begin + names.slice(0, shown).join(', ') + andMore(count - shown);
    if (subject.length <= MAX_SUBJECT) return subject;
  }
  return `${count} apps ${common}`;
}
