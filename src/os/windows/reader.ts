import { pickBirths } from '../pick-births.ts';
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
import { parseNetstat, parseProcesses } from './parse.ts';

/** Dates as milliseconds since the epoch, because their text depends on the version of PowerShell. */
const PROCESSES = [
  '[Console]::OutputEncoding = [Text.Encoding]::UTF8',
  [
    'Get-CimInstance Win32_Process',
    "Select-Object ProcessId, ParentProcessId, Name, CommandLine, KernelModeTime, UserModeTime, WorkingSetSize, @{ n = 'StartedAtMs'; e = { if ($_.CreationDate) { ([DateTimeOffset]$_.CreationDate).ToUnixTimeMilliseconds() } } }",
    'ConvertTo-Json -Compress',
  ].join(' | '),
].join('; ');

/** Reads Windows through `netstat` and PowerShell. Tested only on recorded output (DESIGN §10). */
export class WindowsReader implements OsReader {
  readonly #run: RunCommand;
  readonly #sockets: ListedSockets;

  constructor(run: RunCommand, clock: Clock = systemClock) {
    this.#run = run;
    this.#sockets = new ListedSockets(
      () => this.#listeners(),
      () => clock.now(),
    );
  }

  sockets(maxAgeMs: number): Promise<SocketTable | null> {
    return this.#sockets.within(maxAgeMs);
  }

  async listeners(port: number): Promise<readonly Listener[] | null> {
    return (await this.#listeners())?.filter((listener) => listener.port === port) ?? null;
  }

  async listenersOf(pids: readonly number[]): Promise<readonly Listener[] | null> {
    const all = await this.#listeners();
    return all?.filter((listener) => listener.pids?.some((pid) => pids.includes(pid))) ?? null;
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
    const args = ['-NoProfile', '-NonInteractive', '-Command', PROCESSES];
    const text = await this.#run('powershell.exe', args);
    return text === null ? null : parseProcesses(text);
  }

  /** Not known: Windows does not show the environment of another process. */
  async markers(): Promise<Markers | null> {
    return null;
  }

  async births(pids: readonly number[]): Promise<ReadonlyMap<number, string> | null> {
    return pickBirths(await this.processes(), pids);
  }

  async #listeners(): Promise<readonly Listener[] | null> {
    const texts = await Promise.all(
      ['TCP', 'TCPv6'].map((protocol) => this.#run('netstat.exe', ['-ano', '-p', protocol])),
    );
    // Every Windows machine has a listener (RPC, port 135): an empty list means that the read failed.
    const listeners = texts.flatMap((text) => parseNetstat(text ?? ''));
    return listeners.length === 0 || texts[0] === null ? null : listeners;
  }
}
