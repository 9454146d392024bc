import type { Uptime, UptimeState } from '../../uptime/figures.ts';
import { Buckets } from './buckets.ts';
import { credit, type Credited } from './credit.ts';
import type { HistoryName } from './history.ts';
import type { HistoryFile } from './history-file.ts';
import { decodeRecords, encodeRecord, MOST_COUNT, type MinuteRecord } from './minute-record.ts';
import { BINS, binOf } from './response-times.ts';

/** A clock that shows less, the year 2020, has not been set yet: nothing is written then. */
const EARLIEST_MINUTE = 26_297_280;
/** The last minute of the year 9999. */
const LATEST_MINUTE = 4_223_375_999;

/** How far back a change that comes to light late is written: as far as the minutes go. */
const LATEST_CHANGE_MS = 3 * 3_600_000;

/** This many bytes of records are kept for a disk that does not take them: more than a day. */
const MOST_WAITING_BYTES = 64 * 1024;

/** The present time: monotonic, and what to add to it for the wall clock; milliseconds. */
export interface RecordingTime {
  readonly now: number;
  readonly offset: number;
  /** When the wall clock last jumped, or the recording began; monotonic. */
  readonly floor: number;
}

/** What is recorded of one app, and not on disk yet. */
export class RecordedApp implements HistoryName {
  readonly name: string;
  readonly instance: number;
  /** Up to which time it goes; epoch milliseconds. */
  filledTo = 0;
  #buckets = new Buckets();
  #credited: Credited;
  readonly #beganAt: number;
  /** The good answers of the present minute by their bin, and all answers. */
  readonly #counts = new Uint16Array(BINS);
  #checks = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** True where a record was lost that no file has, so that only a whole file has it. */
  #isBehind = false;

  /** `beganAt` is from when on its uptime is recorded; monotonic milliseconds. */
  constructor({ name, instance }: HistoryName, uptime: Uptime, beganAt: number) {
    this.name = name;
    this.instance = instance;
    this.#beganAt = beganAt;
    this.#credited = { uptime, until: beganAt };
  }

  get buckets(): Buckets {
    return this.#buckets;
  }

  /** The records that no file has yet. */
  get waiting(): readonly Buffer[] {
    return this.#waiting;
  }

  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Counts an answer; `goodMs` is how long a good one took, null for a failure. On the path of every probe. */
  count(goodMs: number | null): void {
    if (this.#checks < MOST_COUNT) this.#checks += 1;
    if (goodMs === null) return;
    const bin = binOf(goodMs);
    const before = this.#counts[bin] ?? 0;
    if (before < MOST_COUNT) this.#counts[bin] = before + 1;
  }

  /** Records the time since the last call, by the app's uptime, with the answers that came in it. */
  collect(uptime: Uptime, { now, offset, floor }: RecordingTime): void {
    const { until } = this.#credited;
    const minutes = new Map<number, { up: number; down: number }>();
    const from = Math.max(floor, this.#beganAt, now - LATEST_CHANGE_MS);
    this.#credited = credit(this.#credited, uptime, now, from, (standing, begin, end, sign) =>
      spread(minutes, standing, begin + offset, end + offset, sign),
    );
    // An answer belongs to the minute that has just ended.
    const answered = Math.floor(((until + now) / 2 + offset) / 60_000);
    if (this.#checks > 0 && !minutes.has(answered)) minutes.set(answered, { up: 0, down: 0 });
    for (const [minute, { up, down }] of [...minutes].sort(([one], [other]) => one - other)) {
      if (minute < EARLIEST_MINUTE || minute > LATEST_MINUTE) continue;
      const answers = minute === answered ? this.#takeAnswers() : NO_ANSWERS;
      this.#add({ minute, upMs: Math.round(up), downMs: Math.round(down), ...answers });
    }
    this.filledTo = now + offset;
  }

  /** Takes over what is on disk; what was recorded until now comes on top of it. */
  takeFile(file: HistoryFile): void {
    this.#buckets = file.buckets;
    this.#buckets.add(...this.#waiting.flatMap((bytes) => decodeRecords(bytes).records));
  }

  /** These records are on disk now. */
  dropWritten(written: readonly Buffer[]): void {
    const gone = new Set(written);
    this.#waiting = this.#waiting.filter((bytes) => !gone.has(bytes));
    this.#waitingBytes = this.#waiting.reduce((sum, { length }) => sum + length, 0);
    this.#isBehind = false;
  }

  #add(record: MinuteRecord): void {
    if (record.upMs === 0 && record.downMs === 0 && record.checks === 0) return;
    this.#buckets.add(record);
    const bytes = encodeRecord(record);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    while (this.#waitingBytes > MOST_WAITING_BYTES) {
      this.#waitingBytes -= this.#waiting.shift()?.length ?? 0;
      this.#isBehind = true;
    }
  }

  #takeAnswers(): Pick<MinuteRecord, 'checks' | 'times'> {
    if (this.#checks === 0) return NO_ANSWERS;
    const times = [...this.#counts].flatMap((count, bin) =>
      count === 0 ? [] : [[bin, count] as const],
    );
    const answers = { checks: this.#checks, times };
    this.#counts.fill(0);
    this.#checks = 0;
    return answers;
  }
}

const NO_ANSWERS = { checks: 0, times: [] } as const;

/** Adds a stretch of the wall clock to its minutes. */
function spread(
  minutes: Map<number, { up: number; down: number }>,
  standing: Exclude<UptimeState, 'unseen'>,
  from: number,
  to: number,
  sign: 1 | -1,
): void {
  for (let at = from; at < to;) {
    const minute = Math.floor(at / 60_000);
    const end = Math.min(to, (minute + 1) * 60_000);
    const sum = minutes.get(minute) ?? { up: 0, down: 0 };
    sum[standing] += sign * (end - at);
    minutes.set(minute, sum);
    at = end;
  }
}
