import { factsOf, footerOf, restOf, textOf } from './facts.ts';
import type { Notice, NoticeApp } from './notice.ts';
import { headlineOf, subjectOf } from './subject.ts';

/** A message as plain text, in two parts, because a chat shows a title in another way than a mail. */
export interface PlainText {
  readonly subject: string;
  /** All below the subject. */
  readonly body: string;
}

/** The message in at most `maxChars` characters: whole apps, and how many are left out. */
export function plainTextOf(notice: Notice, maxChars: number): PlainText {
  const subject = subjectOf(notice);
  return { subject, body: fill(notice, maxChars - subject.length - 2) };
}

/** Subject and body in one text of at most `maxChars` characters. */
export function wholeTextOf(notice: Notice, maxChars: number): string {
  const { subject, body } = plainTextOf(notice, maxChars);
  return `${subject}\n\n${body}`;
}

/** As many apps as there is room for; the footer always. */
function fill(notice: Notice, room: number): string {
  const { apps, moreApps } = notice;
  const text = textOf(notice);
  for (let shown = apps.length; shown >= 0; shown -= 1) {
    const rest = restOf(apps.length - shown + moreApps);
    const parts = [
      ...(text === null ? [] : [text]),
      ...apps.slice(0, shown).map((app) => paragraphOf(app, notice)),
      ...(rest === null ? [] : [rest]),
      footerOf(notice),
    ];
    const body = parts.join('\n\n');
    if (body.length <= room || shown === 0) return body.slice(0, Math.max(0, room));
  }
  return '';
}

function paragraphOf(app: NoticeApp, { apps, event, moreApps }: Notice): string {
  const lines = factsOf(app).map(({ label, value }) => `${label}: ${value}`);
  // The subject of a message about one app says it already.
  const isAlone = apps.length + moreApps === 1;
  return (isAlone ? lines : [headlineOf(app, event), ...lines]).join('\n');
}
