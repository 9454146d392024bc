/** `5`, `mon-fri`, `0-30/5` and a star, also with a step: the parts of a field that are read here. */
const FIELD = /^(?:\*|\?|(\d{1,2}|[a-z]{3})(?:-(\d{1,2}|[a-z]{3}))?)(?:\/(\d{1,2}))?$/;

const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';
const DAYS = 'sunmontuewedthufrisat';

/** PM2's timer may be late where its daemon is busy. */
const LATE_S = 5;

/**
 * Whether a `cron_restart` of PM2 was due at a time or up to 5 s before it, by the clock of this machine.
 * False where the pattern has a form that is not read here: then nobody can say.
 */
export function wasCronDue(pattern: string, wallMs: number): boolean {
  const fields = pattern.trim().toLowerCase().slice(0, 200).split(/\s+/);
  const [seconds, minutes, hours, days, months, weekdays] =
    fields.length === 5 ? ['0', ...fields] : fields;
  if (weekdays === undefined || fields.length > 6) return false;
  for (let late = 0; late <= LATE_S; late += 1) {
    const time = new Date(wallMs - late * 1_000);
    const isTime =
      hasField(seconds, time.getSeconds()) &&
      hasField(minutes, time.getMinutes()) &&
      hasField(hours, time.getHours()) &&
      hasField(months, time.getMonth() + 1, 1, MONTHS);
    if (isTime && isDay(days, weekdays, time)) return true;
  }
  return false;
}

/** Where both the day of the month and that of the week are given, one of them is enough. */
function isDay(days: string | undefined, weekdays: string, time: Date): boolean {
  const weekday = time.getDay();
  const isMonthDay = hasField(days, time.getDate(), 1);
  const isWeekday =
    hasField(weekdays, weekday, 0, DAYS) || (weekday === 0 && hasField(weekdays, 7, 0, DAYS));
  const isEither = days !== '*' && days !== '?' && weekdays !== '*' && weekdays !== '?';
  return isEither ? isMonthDay || isWeekday : isMonthDay && isWeekday;
}

function hasField(field: string | undefined, value: number, base = 0, names = ''): boolean {
  return field !== undefined && field.split(',').some((part) => hasPart(part, value, base, names));
}

function hasPart(part: string, value: number, base: number, names: string): boolean {
  const found = FIELD.exec(part);
  if (found === null) return false;
  const [, from, to, step] = found;
  if (from === undefined) return isStep(value - base, step);
  const first = numberOf(from, base, names);
  const isOpen = to === undefined && step !== undefined;
  const last = isOpen ? Number.POSITIVE_INFINITY : numberOf(to ?? from, base, names);
  return value >= first && value <= last && isStep(value - first, step);
}

function isStep(distance: number, step: string | undefined): boolean {
  return step === undefined || distance % Number(step) === 0;
}

/** NaN, which is no value, for a word that is no name. */
function numberOf(text: string, base: number, names: string): number {
  if (/^\d/.test(text)) return Number(text);
  const at = names.indexOf(text);
  return at < 0 || at % 3 !== 0 ? Number.NaN : at / 3 + base;
}
