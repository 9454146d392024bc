import type { Pm2Client } from '../pm2/client.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { portsTakenIn } from './port-taken.ts';

/** Whether an app needs a port that somebody else holds, by what its incarnations did. */
export type Need =
  /** An incarnation reported that the port is taken, or exited with an error. */
  | 'kept-out'
  /** An incarnation exited without an error. */
  | 'went-well'
  /** Not known yet. */
  | 'unknown';

/** What PM2's bus reported of one incarnation. */
interface Heard {
  /** Wall milliseconds, from PM2. */
  readonly startedAt: number;
  /** How it exited; null while it runs. `ordered`: somebody stopped it. */
  end: 'ordered' | 'well' | 'failed' | null;
  /** For each message about a taken port, the ports that it names; empty where it names none. */
  readonly taken: (readonly number[])[];
}

/** This many incarnations of an app are kept, and this many messages of each. */
const MOST = 20;

/** PM2's start time of a process can be up to a second before the real one (os-reader). */
const SLACK_MS = 1_000;

/**
 * Remembers for each app whether its incarnations were kept from a port: what they wrote, and how they
 * exited. Without this, a server that went into the background would look like an orphan.
 */
export class KeptOut {
  readonly #pm2: Pm2Client;
  readonly #onKeptOut: (pmId: number) => void;
  /** By pm_id, oldest first; only for watched apps. */
  readonly #incarnations = new Map<number, Heard[]>();
  #unsubscribers: readonly (() => void)[] = [];

  /** Calls `onKeptOut` when an app reports that its port is taken. */
  constructor(pm2: Pm2Client, onKeptOut: (pmId: number) => void) {
    this.#pm2 = pm2;
    this.#onKeptOut = onKeptOut;
  }

  start(): void {
    this.#unsubscribers = [
      this.#pm2.onOutput(({ pmId, text }, isError) => {
        const incarnation = this.#incarnations.get(pmId)?.at(-1);
        if (incarnation === undefined || incarnation.taken.length >= MOST) return;
        const taken = portsTakenIn(text, isError);
        if (taken === null) return;
        incarnation.taken.push(taken);
        this.#onKeptOut(pmId);
      }),
      this.#pm2.onEvent(({ event, pmId, startedAt, exit }) => {
        const incarnations = this.#incarnations.get(pmId);
        if (incarnations === undefined || startedAt === null) return;
        const incarnation = findOrAdd(incarnations, startedAt);
        if (event !== 'exit' || exit === undefined || incarnation.end === 'ordered') return;
        if (exit.isOrdered) incarnation.end = 'ordered';
        else incarnation.end ??= exit.code === 0 ? 'well' : 'failed';
      }),
    ];
  }

  /** Idempotent. */
  stop(): void {
    for (const unsubscribe of this.#unsubscribers) unsubscribe();
    this.#unsubscribers = [];
  }

  /** Takes over PM2's list of the apps that are watched. */
  follow(processes: readonly ManagedProcess[]): void {
    const watched = new Set(processes.map(({ pmId }) => pmId));
    for (const pmId of this.#incarnations.keys())
      if (!watched.has(pmId)) this.#incarnations.delete(pmId);
    for (const { pmId, pid, startedAt, status, env } of processes) {
      const incarnations = this.#incarnations.get(pmId) ?? [];
      this.#incarnations.set(pmId, incarnations);
      const incarnation = findOrAdd(incarnations, startedAt);
      // Also for an exit before we listened to the bus.
      if (status === 'errored' && pid === 0)
        incarnation.end ??= env['exit_code'] === 0 ? 'well' : 'failed';
    }
  }

  /** The ports that the last incarnation of an app reported as taken, where it named them. */
  portsTaken(pmIds: readonly number[]): readonly number[] {
    const last = pmIds.flatMap((pmId) => this.#incarnations.get(pmId)?.at(-1)?.taken ?? []);
    return [...new Set(last.flat())];
  }

  /**
   * Whether the app needs the port of a process that started at `sinceMs` (wall), by its later incarnations.
   */
  needOf(pmIds: readonly number[], port: number, sinceMs: number): Need {
    const incarnations = pmIds
      .flatMap((pmId) => this.#incarnations.get(pmId) ?? [])
      .filter(({ startedAt }) => startedAt > sinceMs + SLACK_MS);
    const isKept = incarnations.some(({ end, taken }) => {
      const isTaken = taken.some((ports) => ports.length === 0 || ports.includes(port));
      return end === 'failed' || isTaken;
    });
    if (isKept) return 'kept-out';
    return incarnations.some(({ end }) => end === 'well') ? 'went-well' : 'unknown';
  }
}

function findOrAdd(incarnations: Heard[], startedAt: number): Heard {
  const known = incarnations.find((incarnation) => incarnation.startedAt === startedAt);
  if (known !== undefined) return known;
  const incarnation: Heard = { startedAt, end: null, taken: [] };
  incarnations.push(incarnation);
  incarnations.sort((a, b) => a.startedAt - b.startedAt);
  incarnations.splice(0, incarnations.length - MOST);
  return incarnation;
}
