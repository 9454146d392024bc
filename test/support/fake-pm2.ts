import { LivenessError } from '../../src/errors.ts';
import type { BusEvent, DaemonOutput, Exit, Output } from '../../src/pm2/bus-event.ts';
import type { Pm2Client } from '../../src/pm2/client.ts';
import { Listeners } from '../../src/pm2/listeners.ts';
import type { ManagedProcess } from '../../src/pm2/process.ts';

/** A PM2 that the test controls, only for unit tests. */
export class FakePm2 implements Pm2Client {
  processes: ManagedProcess[] = [];
  isUp = true;
  /** The number of its connection; null while the bus is down. */
  bus: number | null = 0;
  /** How often the list was read. */
  lists = 0;
  readonly calls: string[] = [];
  /** Runs during every restart or reload. */
  during: () => void = () => undefined;
  restartError: Error | null = null;
  #listed: readonly ManagedProcess[] | null = null;
  readonly #ready = new Listeners<[pmId: number]>();
  readonly #beatListeners = new Set<(pmId: number) => void>();
  readonly #outputListeners = new Set<(output: Output, isError: boolean) => void>();
  readonly #daemonListeners = new Set<(output: DaemonOutput) => void>();
  readonly #listeners = new Set<(event: BusEvent) => void>();

  async connect(): Promise<void> {}

  isConnected(): boolean {
    return this.isUp;
  }

  async list(): Promise<ManagedProcess[]> {
    this.lists += 1;
    if (!this.isUp)
      throw new LivenessError('ERR_PM2_TIMEOUT', 'pm2 list: no answer within 5000 ms');
    this.#listed = this.processes;
    return this.processes;
  }

  last(): readonly ManagedProcess[] {
    return this.#listed ?? this.processes;
  }

  pids(): readonly number[] {
    return this.processes.map(({ pid }) => pid);
  }

  restart(process: ManagedProcess): Promise<void> {
    return this.#act('restart', process);
  }

  reload(process: ManagedProcess): Promise<void> {
    return this.#act('reload', process);
  }

  async stop({ pmId }: ManagedProcess): Promise<void> {
    this.calls.push(`stop ${pmId}`);
  }

  async delete({ pmId }: ManagedProcess): Promise<void> {
    this.calls.push(`delete ${pmId}`);
  }

  async clear(process: ManagedProcess): Promise<void> {
    this.calls.push(`clear ${process.pmId}`);
    this.processes = this.processes.map((each) =>
      each.pmId === process.pmId ? { ...each, status: 'stopped', pid: 0 } : each,
    );
  }

  async trigger(): Promise<unknown> {
    return undefined;
  }

  onEvent(listener: (event: BusEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  emit(
    event: string,
    pmId: number,
    manually = true,
    startedAt: number | null = managed().startedAt,
  ): void {
    for (const listener of this.#listeners) {
      listener({ event, manually, pmId, name: 'web', startedAt });
    }
  }

  onBeat(listener: (pmId: number) => void): () => void {
    this.#beatListeners.add(listener);
    return () => this.#beatListeners.delete(listener);
  }

  onReady(listener: (pmId: number) => void): () => void {
    return this.#ready.add(listener);
  }

  /** An app sends its ready message. */
  ready(pmId: number): void {
    this.#ready.call(pmId);
  }

  onOutput(listener: (output: Output, isError: boolean) => void): () => void {
    this.#outputListeners.add(listener);
    return () => this.#outputListeners.delete(listener);
  }

  onDaemonOutput(listener: (output: DaemonOutput) => void): () => void {
    this.#daemonListeners.add(listener);
    return () => this.#daemonListeners.delete(listener);
  }

  /** The daemon writes a line to its own log. */
  daemonWrites(text: string, at = managed().startedAt): void {
    for (const listener of this.#daemonListeners) listener({ text, at });
  }

  /** Any event of the bus, as it comes. */
  says(event: BusEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** An app writes something. */
  write(pmId: number, text: string, isError = true): void {
    for (const listener of this.#outputListeners) listener({ pmId, text }, isError);
  }

  /** An incarnation of an app exits. */
  exits(pmId: number, startedAt: number, exit: Exit): void {
    for (const listener of this.#listeners) {
      listener({ event: 'exit', manually: false, pmId, name: 'web', startedAt, exit });
    }
  }

  busConnection(): number | null {
    return this.bus;
  }

  /** An app sends a heartbeat. */
  beat(pmId: number): void {
    for (const listener of this.#beatListeners) listener(pmId);
  }

  async close(): Promise<void> {}

  async #act(method: string, { pmId }: ManagedProcess): Promise<void> {
    this.calls.push(`${method} ${pmId}`);
    this.during();
    if (this.restartError) throw this.restartError;
  }
}

/** One app in the form of PM2's list; any field can be replaced. */
export function managed(fields: Partial<ManagedProcess> = {}): ManagedProcess {
  return {
    pmId: 0,
    name: 'web',
    namespace: 'default',
    instance: 0,
    pid: 100,
    status: 'online',
    startedAt: 1_700_000_000_000,
    restarts: 3,
    cwd: '/app',
    isCluster: false,
    errorLog: null,
    outputLog: null,
    killTimeoutMs: 1_600,
    listenTimeoutMs: 3_000,
    block: undefined,
    env: {},
    ...fields,
  };
}
