/** Epoch milliseconds. */
export function wallNow(): number {
  return new Date().getTime();
}

const today = (date: Date): boolean => date.toDateString() === new Date().toDateString();

const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(undefined, options);

const TIME = format({ hour: '2-digit', minute: '2-digit' });
const DAY = format({ day: 'numeric', month: 'short' });
const EXACT = format({ dateStyle: 'full', timeStyle: 'long' });

/** `14:03`, with its day where that is not today; in the zone of the one who looks. */
export function localText(date: Date): string {
  return today(date) ? TIME.format(date) : dayAndTime(date);
}

/** `27 Nov 14:03` */
export function dayAndTime(date: Date): string {
  return `${DAY.format(date)} ${TIME.format(date)}`;
}

/** `27 Nov`, of a day in UTC. */
export function utcDay(date: Date): string {
  return format({ day: 'numeric', month: 'short', timeZone: 'UTC' }).format(date);
}

export function timeOnly(date: Date): string {
  return TIME.format(date);
}

/** Writes all times in a part of a page for the one who looks; the exact one is in the title. */
export function writeTimes(part: ParentNode): void {
  for (const time of part.querySelectorAll('time')) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    const text = time.dataset['until'] === undefined ? localText(date) : untilText(date);
    if (time.textContent !== text) time.textContent = text;
    const exact = EXACT.format(date);
    if (time.title !== exact) time.title = exact;
  }
}

/** `in 40s`, as the server writes it. */
function untilText(date: Date): string {
  const s = Math.round((date.getTime() - wallNow()) / 1_000);
  if (s < 1) return 'now';
  if (s < 60) return `in ${s}s`;
  if (s < 3_600) return `in ${Math.round(s / 60)}m`;
  return s < 172_800 ? `in ${Math.round(s / 3_600)}h` : `in ${Math.round(s / 86_400)}d`;
}

/** Writes the times of the page, and counts down what is to come. */
export function startTimes(): void {
  writeTimes(document);
  const zone = document.getElementById('zone');
  if (zone !== null)
    zone.textContent = `in ${new Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  setInterval(() => {
    for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-until]')) {
      const text = untilText(new Date(time.dateTime));
      if (time.textContent !== text) time.textContent = text;
    }
  }, 1_000);
}
