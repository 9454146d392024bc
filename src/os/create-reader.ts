import { systemClock, type Clock } from '../time/clock.ts';
import { DarwinReader } from './darwin/reader.ts';
import { LinuxReader } from './linux/reader.ts';
import type { OsReader } from './os-reader.ts';
import { runCommand, type RunCommand } from './run-command.ts';
import { WindowsReader } from './windows/reader.ts';

/** What a reader uses; tests replace all of it. */
interface OsReaderDeps {
  readonly clock?: Clock;
  readonly run?: RunCommand;
}

/** The reader for this platform; on a platform without one, everything is unknown. */
export function createOsReader(
  platform: NodeJS.Platform = process.platform,
  { clock = systemClock, run = runCommand }: OsReaderDeps = {},
): OsReader {
  if (platform === 'linux') return new LinuxReader(clock);
  if (platform === 'darwin') return new DarwinReader(run, clock);
  if (platform === 'win32') return new WindowsReader(run, clock);
  return unknown;
}

const unknown: OsReader = {
  listeners: async () => null,
  listenersOf: async () => null,
  connectedAt: async () => null,
  mainThread: async () => null,
  processes: async () => null,
  markers: async () => null,
  births: async () => null,
};
