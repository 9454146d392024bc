import { createRequire } from 'node:module';
import pm2 from 'pm2';
import { LivenessError } from '../errors.ts';
import {
  toBeat,
  toBusEvent,
  toDaemonOutput,
  toOutput,
  toReady,
  toReply,
  type BusEvent,
  type DaemonOutput,
  type Output,
} from './bus-event.ts';
import { checkDaemon } from './daemon-socket.ts';
import { actMs, callPm2 } from './call.ts';
import { makeDisconnectSafe } from './disconnect.ts';
import { Listeners } from './listeners.ts';
import type { Act, Bus, Callback, Pm2Library, ReloadLock } from './library.ts';
import { pidOf, toManagedProcess, type ManagedProcess } from './process.ts';

/** The part of PM2 that we use. Every call has a deadline; none starts a daemon or waits for one. */
export interface Pm2Client {
  /** Opens connection and bus. Throws ERR_PM2_UNAVAILABLE where no daemon answers. */
  connect(): Promise<void>;
  /** False while the daemon is gone: PM2's library would then queue a call and run it late. */
  isConnected(): boolean;
  list(): Promise<ManagedProcess[]>;
  /**
   * The pids of all that PM2 runs, from the last list. PM2 does not list the old processes of a reload
   * (`_old_0`); they can be recognized as children of its daemon.
   */
  pids(): readonly number[];
  /** The last list. */
  last(): readonly ManagedProcess[];
  restart(process: ManagedProcess): Promise<void>;
  reload(process: ManagedProcess): Promise<void>;
  stop(process: ManagedProcess): Promise<void>;
  delete(process: ManagedProcess): Promise<void>;
  /** Stops an entry whose process is gone, so that PM2 forgets its pid. Not on the bus: nobody wants it stopped. */
  clear(process: ManagedProcess): Promise<void>;
  /** Calls an action of a process (`pm2 trigger`) and resolves to its answer. */
  trigger(process: ManagedProcess, action: string, parameter?: string): Promise<unknown>;
  /**
   * Calls `listener` for each event on PM2's bus. Events are hints; the list is the truth. Returns a function
   * that stops this.
   */
  onEvent(listener: (event: BusEvent) => void): () => void;
  /** Calls `listener` for each heartbeat of an app. Returns a function that stops this. */
  onBeat(listener: (pmId: number) => void): () => void;
  /** Calls `listener` for each ready message of an app (`wait_ready`). Returns a function that stops this. */
  onReady(listener: (pmId: number) => void): () => void;
  /** Calls `listener` for each output of an app. Returns a function that stops this. */
  onOutput(listener: (output: Output, isError: boolean) => void): () => void;
  /** Hears what PM2's daemon writes to its own log. Gives the way to stop hearing. */
  onDaemonOutput(listener: (output: DaemonOutput) => void): () => void;
  /** The number of the bus connection, another for each one; null while there is none. */
  busConnection(): number | null;
  close(): Promise<void>;
}

const library = pm2 as unknown as Pm2Library; // its own declarations are wrong, see above

const reloadLock = createRequire(import.meta.url)('pm2/lib/Common.js') as ReloadLock; // has no declarations

const LIST_MS = 5_000;
const CONNECT_MS = 5_000;
const TRIGGER_MS = 10_000;

/** The client of the daemon of a PM2_HOME; one per process, because the pm2 package allows only one. */
export class Pm2Connection implements Pm2Client {
  readonly #pm2Home: string;
  readonly #events = new Listeners<[BusEvent]>();
  readonly #beats = new Listeners<[pmId: number]>();
  readonly #ready = new Listeners<[pmId: number]>();
  readonly #outputs = new Listeners<[output: Output, isError: boolean]>();
  readonly #daemonOutputs = new Listeners<[DaemonOutput]>();
  #bus: Bus | null = null;
  #busConnections = 0;
  #pids: readonly number[] = [];
  #last: ManagedProcess[] = [];

  constructor(pm2Home: string) {
    this.#pm2Home = pm2Home;
  }

  async connect(): Promise<void> {
    await checkDaemon(this.#pm2Home);
    await callPm2('pm2 connect', CONNECT_MS, (done) => library.connect(done));
    const bus = await callPm2('pm2 bus', CONNECT_MS, (done) => library.launchBus(done));
    this.#bus = bus as Bus; // what PM2's library gives
    this.#hear('process:event', toBusEvent, this.#events);
    this.#hear('liveness:beat', toBeat, this.#beats);
    this.#hear('process:msg', toReady, this.#ready);
    this.#hear('log:PM2', toDaemonOutput, this.#daemonOutputs);
    for (const stream of ['log:out', 'log:err']) {
      this.#bus.on(stream, (data) => this.#hearOutput(data, stream === 'log:err'));
    }
    // The library reconnects by itself, and each connection comes here.
    this.#bus.sock.on('connect', () => (this.#busConnections += 1));
  }

  isConnected(): boolean {
    return library.Client.client_sock?.connected === true;
  }

  async list(): Promise<ManagedProcess[]> {
    const entries = await this.#call('list', LIST_MS, (done) => library.list(done));
    if (!Array.isArray(entries)) throw new LivenessError('ERR_PM2_FAILED', 'pm2 list: no list');
    this.#pids = entries.map(pidOf).filter((pid) => pid > 0);
    this.#last = entries.map(toManagedProcess).filter((entry) => entry !== null);
    return this.#last;
  }

  /** The version of the daemon, which can differ from that of our pm2 package. */
  async version(): Promise<string> {
    const version = await this.#call('getVersion', LIST_MS, (done) => library.getVersion(done));
    return typeof version === 'string' ? version : 'unknown';
  }

  last(): readonly ManagedProcess[] {
    return this.#last;
  }

  pids(): readonly number[] {
    return this.#pids;
  }

  restart(process: ManagedProcess): Promise<void> {
    return this.#operate('restart', process);
  }

  async reload(process: ManagedProcess): Promise<void> {
    if ((reloadLock.lockReload() ?? 0) > 0) {
      throw new LivenessError('ERR_PM2_FAILED', 'pm2 reload: Reload already in progress');
    }
    try {
      await this.#operate('reload', process);
    } finally {
      reloadLock.unlockReload();
    }
  }

  stop(process: ManagedProcess): Promise<void> {
    return this.#operate('stop', process);
  }

  delete(process: ManagedProcess): Promise<void> {
    return this.#operate('delete', process);
  }

  async clear(process: ManagedProcess): Promise<void> {
    await this.#call('stop', actMs(process), (done) =>
      library.Client.executeRemote('stopProcessId', process.pmId, done),
    );
  }

  /** Not with the library's own `trigger`: that opens a bus each time and can miss the reply. */
  async trigger(process: ManagedProcess, action: string, parameter?: string): Promise<unknown> {
    const bus = this.#bus;
    let hear: (reply: unknown) => void = () => undefined;
    try {
      return await this.#call(`trigger ${action}`, TRIGGER_MS, (done) => {
        hear = (data) => {
          const reply = toReply(data);
          if (reply?.pmId === process.pmId && reply.action === action) done(null, reply.returned);
        };
        bus?.on('axm:reply', hear);
        const message = { id: process.pmId, msg: action };
        const opts = parameter === undefined ? {} : { opts: parameter };
        library.msgProcess({ ...message, ...opts }, (error) => {
          if (error) done(error);
        });
      });
    } finally {
      bus?.off('axm:reply', hear);
    }
  }

  onEvent(listener: (event: BusEvent) => void): () => void {
    return this.#events.add(listener);
  }

  onBeat(listener: (pmId: number) => void): () => void {
    return this.#beats.add(listener);
  }

  onReady(listener: (pmId: number) => void): () => void {
    return this.#ready.add(listener);
  }

  onOutput(listener: (output: Output, isError: boolean) => void): () => void {
    return this.#outputs.add(listener);
  }

  onDaemonOutput(listener: (output: DaemonOutput) => void): () => void {
    return this.#daemonOutputs.add(listener);
  }

  #hear<T>(message: string, read: (data: unknown) => T | null, by: Listeners<[T]>): void {
    this.#bus?.on(message, (data) => {
      const heard = read(data);
      if (heard !== null) by.call(heard);
    });
  }

  #hearOutput(data: unknown, isError: boolean): void {
    if (this.#outputs.isEmpty) return;
    const output = toOutput(data);
    if (output) this.#outputs.call(output, isError);
  }

  busConnection(): number | null {
    return this.#bus?.sock.connected === true ? this.#busConnections : null;
  }

  async close(): Promise<void> {
    const heard = [this.#events, this.#beats, this.#ready, this.#outputs, this.#daemonOutputs];
    for (const listeners of heard) listeners.clear();
    makeDisconnectSafe(library);
    await callPm2('pm2 disconnect', 1_000, (done) => library.disconnect(() => done(null))).catch(
      () => undefined, // the socket goes with the process anyway
    );
  }

  /**
   * Calls the daemon directly, only by id: the library's own `restart('3')` first checks for an app or a
   * namespace called "3", and reads a name with `.json` in it as a file. No environment is passed, so that
   * the app keeps its own.
   */
  async #operate(act: Act, process: ManagedProcess): Promise<void> {
    const { pmId } = process;
    const isStart = act === 'restart' || act === 'reload';
    const parameter = isStart ? { id: pmId, env: {} } : pmId;
    await this.#call(act, actMs(process), (done) =>
      library.Client.executeRemote(`${act}ProcessId`, parameter, (error, result) => {
        // Reported also where the answer comes after our deadline: PM2 did it.
        if (!error) library.Client.notifyGod(act, pmId);
        done(error, result);
      }),
    );
  }

  async #call(what: string, ms: number, run: (done: Callback) => void): Promise<unknown> {
    if (!this.isConnected()) {
      throw new LivenessError('ERR_PM2_UNAVAILABLE', `${what}: not connected to the PM2 daemon`);
    }
    return callPm2(`pm2 ${what}`, ms, run);
  }
}
