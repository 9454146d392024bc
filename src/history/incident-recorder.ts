import { maskSecrets } from '../config/secrets/secrets.ts';
import { readLogTail, type LogTail } from '../os/log-tail.ts';
import { messageOf } from '../errors.ts';
import { isoOf } from '../time/iso.ts';
import { decisionText, executionText, isOurStart, type Log } from '../report/log.ts';
import type { TargetView } from '../report/view.ts';
import { appKeyOf } from '../store/app-memory.ts';
import { appendBounded } from '../store/append-bounded.ts';
import { Journal, type JournalDeps, type OpenedJournal } from '../store/journal.ts';
import type { JournalLine, TrailEntry } from '../store/journal-line.ts';
import { DiskQueue } from '../time/disk-queue.ts';
import type { Decision } from '../verdict/decision.ts';
import type { Incident } from '../verdict/incident/incident.ts';
import {
  errorLogOf,
  noteDiagnosis,
  readOpenIncidents,
  openRecord,
  resolveRecord,
  type OpenIncident,
} from './incident-record.ts';
import { tellTrouble } from './tell-trouble.ts';
import type { MonitorEvent, WorkerEvent } from '../report/worker-events.ts';

/** The journal's folder and disk, and the log. */
interface IncidentRecorderDeps extends Omit<JournalDeps, 'tell'> {
  readonly log: Log;
  readonly readTail?: (path: string) => Promise<LogTail | null>;
}

/** An incident that is over, and whose end is not written yet. */
interface Ending {
  readonly open: OpenIncident;
  readonly resolve: () => void;
}

type Executed = Extract<WorkerEvent, { type: 'executed' }>;

/** Where reading the app's error log takes longer, the incident is written without it. */
const TAIL_MS = 1_000;

/** Writes the incident journal: how each incident began, what was decided and done, and how it ended. */
export class IncidentRecorder {
  readonly #deps: IncidentRecorderDeps;
  /** For the apps' logs, which may be on another disk than the journal. */
  readonly #tails: DiskQueue;
  readonly #journal: Journal;
  readonly #open: Map<string, OpenIncident>;
  /** Apps with a restart of ours in flight, and the end to write after it. */
  readonly #acting = new Map<string, Ending | null>();
  /** What led to an incident that is not opened yet. */
  readonly #before = new Map<string, readonly TrailEntry[]>();
  /** Keeps the lines in the order of their events, also where one waits for a log to be read. */
  #writing: Promise<void> = Promise.resolve();
  #warning: string | null;
  readonly #isUnread: boolean;

  private constructor(
    { journal, lines, warning, isUnread }: OpenedJournal,
    deps: IncidentRecorderDeps,
  ) {
    this.#journal = journal;
    this.#open = readOpenIncidents(lines);
    this.#warning = warning;
    this.#isUnread = isUnread;
    this.#deps = deps;
    this.#tails = new DiskQueue(deps.clock, TAIL_MS);
  }

  /** Opens the journal; only for the holder of the lock. Never rejects. */
  static async open(deps: IncidentRecorderDeps): Promise<IncidentRecorder> {
    const { log } = deps;
    const opened = await Journal.open({ ...deps, tell: tellTrouble(log) });
    if (opened.warning !== null) log.line('warn', opened.warning);
    return new IncidentRecorder(opened, deps);
  }

  /** What was wrong when the journal was opened; null where nothing was. */
  get warning(): string | null {
    return this.#warning;
  }

  /**
   * To be called when the folder can be used again: clears the warning of a journal that could not be read.
   */
  onFolderBack(): void {
    if (this.#isUnread) this.#warning = null;
  }

  /** Why nothing can be written; null while it can be. */
  get trouble(): string | null {
    return this.#journal.trouble;
  }

  /** Takes over an event of the monitor or a worker. */
  onEvent(event: MonitorEvent): void {
    if (event.type === 'executed') return this.#acted(event);
    // The line per minute is only for the log.
    if (event.type !== 'decision' || event.decision.type === 'still') return;
    const { view, decision } = event;
    if (decision.type === 'incidentOpened') return this.#begin(view, decision.incident);
    if (decision.type === 'incidentResolved') return this.#end(view, decision);
    this.#decided(view, decision);
  }

  /** Writes what is left, and closes. Never rejects. */
  async close(): Promise<void> {
    for (const ending of this.#acting.values()) ending?.resolve();
    this.#acting.clear();
    await this.#writing;
    await this.#journal.close();
  }

  /** Closes without another write: another monitor has the files now. */
  async abandon(): Promise<void> {
    await this.#journal.abandon();
  }

  #begin(view: TargetView, incident: Incident): void {
    const key = appKeyOf(view);
    const known = this.#open.get(key);
    // The earlier monitor was killed before it could save its state.
    if (known?.isInherited === true && known.record.class === incident.cause) return;
    this.#lose(view);
    const open = openRecord(incident, this.#before.get(key) ?? [], isoOf(this.#deps.clock));
    this.#before.delete(key);
    this.#open.set(key, open);
    noteDiagnosis(view, open, open.record.detectedAt);
    const line = this.#line(view, open.id, {
      event: 'opened',
      text: `${incident.cause}: ${incident.detail}`,
    });
    const { record } = open;
    this.#write(async () => {
      const tail = view.errorLog === null ? null : await this.#tailOf(view.errorLog);
      open.errorLog = tail && errorLogOf(tail, view.config.secrets);
      return { ...line, record: { ...record, errorLog: open.errorLog } };
    });
  }

  #end(view: TargetView, decision: Extract<Decision, { type: 'incidentResolved' }>): void {
    const key = appKeyOf(view);
    const iso = isoOf(this.#deps.clock);
    const open = this.#open.get(key) ?? openRecord(decision.incident, [], iso);
    this.#open.delete(key);
    this.#before.delete(key);
    const text = decisionText(view, decision) ?? decision.end;
    const line = this.#line(view, open.id, { event: 'resolved', text });
    const resolve = (): void => {
      const record = resolveRecord(open, decision, view, iso);
      this.#write(async () => ({ ...line, record: { ...record, errorLog: open.errorLog } }));
    };
    // An app can be well again before PM2 has answered the restart call.
    if (this.#acting.has(key)) this.#acting.set(key, { open, resolve });
    else resolve();
  }

  #decided(view: TargetView, decision: Decision): void {
    const key = appKeyOf(view);
    if (decision.type === 'restart') this.#acting.set(key, null);
    // The line of the restart says this after PM2's answer.
    if (isOurStart(view, decision)) return;
    const text = decisionText(view, decision);
    if (text === null) return;
    const step = { at: isoOf(this.#deps.clock)(view.verdict.at), text };
    const open = this.#open.get(key);
    if (view.verdict.incident === null || open === undefined) {
      // The end of an incident is reported just after the transition to one of these.
      const isOver = ['healthy', 'paused'].includes(view.verdict.state.name);
      if (open && isOver) open.isInherited = false;
      else if (open?.isInherited !== true) this.#lose(view);
      // An app that is well again before its failure was proven had no incident.
      if (view.verdict.state.name === 'healthy') this.#before.delete(key);
      else this.#before.set(key, appendBounded(this.#before.get(key) ?? [], step));
      return;
    }
    this.#noteDoing(view, open);
    open.record = { ...open.record, trail: appendBounded(open.record.trail, step) };
    const line = this.#line(view, open.id, { event: 'decided', text });
    this.#write(async () => line);
  }

  #noteDoing(view: TargetView, open: OpenIncident): void {
    const step = noteDiagnosis(view, open, isoOf(this.#deps.clock)(view.verdict.at));
    if (step === null) return;
    const line = this.#line(view, open.id, { event: 'decided', text: step.text });
    this.#write(async () => ({ ...line, diagnosis: step.diagnosis }));
  }

  #acted({ view, order, execution, isRepeated }: Executed): void {
    const key = appKeyOf(view);
    const ending = this.#acting.get(key) ?? null;
    this.#acting.delete(key);
    const open = ending?.open ?? this.#open.get(key);
    if (open === undefined) return;
    if (isRepeated) return ending?.resolve();
    const { result } = execution;
    const detail = maskSecrets(execution.detail, view.config.secrets);
    const at = isoOf(this.#deps.clock)(this.#deps.clock.now());
    const action = { at, method: order.method, result, detail };
    open.record = { ...open.record, actions: appendBounded(open.record.actions, action) };
    const text = executionText(order, { result, detail });
    const line = this.#line(view, open.id, { event: 'acted', text });
    this.#write(async () => ({ ...line, action }));
    ending?.resolve();
  }

  /**
   * Writes what is known of an incident whose end was not written, because the monitor was killed just then.
   */
  #lose(view: TargetView): void {
    const key = appKeyOf(view);
    const open = this.#open.get(key);
    if (open === undefined) return;
    this.#open.delete(key);
    const resolvedAt = isoOf(this.#deps.clock)(view.verdict.at);
    const text = 'incident over (unseen): the monitor stopped before it could write the end';
    const line = this.#line(view, open.id, { event: 'resolved', text });
    const record = { ...open.record, resolvedAt, end: 'unseen', errorLog: open.errorLog };
    this.#write(async () => ({ ...line, record }));
  }

  #line(
    { name, instance, verdict }: TargetView,
    incident: string,
    what: Pick<JournalLine, 'event' | 'text'>,
  ): JournalLine {
    const at = isoOf(this.#deps.clock)(verdict.at);
    return { schemaVersion: 1, at, app: name, instance, incident, ...what };
  }

  #write(make: () => Promise<JournalLine>): void {
    this.#writing = this.#append(this.#writing, make);
  }

  async #append(before: Promise<void>, make: () => Promise<JournalLine>): Promise<void> {
    await before;
    try {
      this.#journal.append(await make());
    } catch (error) {
      // Only this line is lost; the next ones are written.
      this.#deps.log.line('error', `the incident journal has lost a line: ${messageOf(error)}`);
    }
  }

  #tailOf(path: string): Promise<LogTail | null> {
    const { readTail = readLogTail } = this.#deps;
    return this.#tails.run(() => readTail(path)).catch(() => null);
  }
}
