import { pickBirths } from '../pick-births.ts';
import { mergeListeners, parseLsof, parseNetstat, parsePs } from './parse.ts';
import { systemClock, type Clock } from '../../time/clock.ts';
import { ListedSockets } from '../listed-sockets.ts';
import type {
  Listener,
  MainThread,
  Markers,
  OsReader,
  ProcessTable,
  SocketTable,
} from '../os-reader.ts';
import type { RunCommand } from '../run-command.ts';

const COLUMNS = 'pid=,ppid=,ruid=,state=,time=,rss=,lstart=,command=';

/** Reads macOS through `netstat`, `lsof` and `ps`. Tested only on recorded output (DESIGN §10). */
export class DarwinReader implements OsReader {
  readonly #run: RunCommand;
  readonly #sockets: ListedSockets;

  constructor(run: RunCommand, clock: Clock = systemClock) {
    this.#run = run;
    this.#sockets = new ListedSockets(
      () => this.#listeners('-iTCP', () => true),
      () => clock.now(),
    );
  }

  async listeners(port: number): Promise<readonly Listener[] | null> {
    return this.#listeners(`-iTCP:${port}`, (listener) => listener.port === port);
  }

  sockets(maxAgeMs: number): Promise<SocketTable | null> {
    return this.#sockets.within(maxAgeMs);
  }

  async listenersOf(pids: readonly number[]): Promise<readonly Listener[] | null> {
    if (pids.length === 0) return [];
    const owned = await this.#lsof(['-a', '-iTCP', `-p${pids.join(',')}`]);
    return owned === null ? null : parseLsof(owned);
  }

  /** Not read: without the state of the thread it would not distinguish a pause from a hang. */
  async connectedAt(): Promise<readonly string[] | null> {
    return null;
  }

  /** Not known: no tool of the system shows where a thread waits. */
  async mainThread(): Promise<MainThread | null> {
    return null;
  }

  async processes(): Promise<ProcessTable | null> {
    // Without these variables dates are in the user's language and time zone.
    const args = ['LC_ALL=C', 'TZ=UTC', '/bin/ps', '-axwwo', COLUMNS];
    const table = parsePs((await this.#run('/usr/bin/env', args)) ?? '');
    return table.size === 0 ? null : table;
  }

  /**
   * Not known: `ps -E` prints the environment after the arguments, separated by spaces, so an argument can
   * look like a variable; and which processes it shows depends on how the program was signed.
   */
  async markers(): Promise<Markers | null> {
    return null;
  }

  async births(pids: readonly number[]): Promise<ReadonlyMap<number, string> | null> {
    return pickBirths(await this.processes(), pids);
  }

  async #listeners(
    selection: string,
    isWanted: (listener: Listener) => boolean,
  ): Promise<readonly Listener[] | null> {
    const [all, owned] = await Promise.all([
      this.#run('/usr/sbin/netstat', ['-anW', '-p', 'tcp']),
      this.#lsof([selection]),
    ]);
    const found = mergeListeners(parseNetstat(all ?? ''), parseLsof(owned ?? ''));
    const here = found.filter(isWanted);
    // Only netstat can show that nobody listens: lsof does not see other users.
    return here.length === 0 && !isNetstat(all) ? null : here;
  }

  #lsof(selection: readonly string[]): Promise<string | null> {
    return this.#run('/usr/sbin/lsof', ['-nP', ...selection, '-sTCP:LISTEN', '-Fptn']);
  }
}

/** True for output of netstat, by its first line. Empty output is not. */
function isNetstat(text: string | null): boolean {
  return text !== null && /^Active Internet connections/m.test(text);
}
