let format: Intl.DateTimeFormat | undefined;

/** A time in ISO 8601 as a person at this machine reads it: `Sat 28 Nov, 03:12:04 CET`; other texts as they are. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  format ??= new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  const day = `${part('weekday')} ${part('day')} ${part('month')}`;
  return `${day}, ${part('hour')}:${part('minute')}:${part('second')} ${part('timeZoneName')}`;
}
