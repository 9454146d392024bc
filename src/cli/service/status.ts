import { loadMonitorConfig } from '../../config/load.ts';
import type { SavedList } from '../../os/boot/evidence.ts';
import { readWindowsStart } from '../../os/boot/windows.ts';
import { jsonText } from '../../text/json-text.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { printMessage } from '../framework/message.ts';
import { bootFacts, serviceName } from './facts.ts';
import { posixState, windowsState, type ServiceState } from './state.ts';

/** `service status`: what is installed, whether it runs, whether it starts at boot. 1 where the apps would not come back. */
export async function showService(given: ParsedArguments, io: CliIo): Promise<ExitCode> {
  const { boot, isPm2Running } = await bootFacts();
  const state =
    process.platform === 'win32'
      ? windowsState(await readWindowsStart(loadMonitorConfig().pm2Home, serviceName(given)))
      : posixState(boot.startup, process.platform);
  // The saved list of a PM2 that does not run is compared with nothing.
  const saved = isPm2Running || boot.saved.state === 'missing' ? boot.saved.state : 'unknown';
  if (given.has('json')) {
    io.out(jsonText({ schemaVersion: 1, ...state, isPm2Running, savedList: saved }, 2));
  } else {
    for (const line of linesOf(state, isPm2Running, saved)) printMessage(line, io);
  }
  const comesBack = state.starts.at !== null && saved !== 'missing' && saved !== 'stale';
  return comesBack ? 0 : 1;
}

/** The state in words. */
export function linesOf(
  { starts, by, isServiceRunning, reason }: ServiceState,
  isPm2Running: boolean,
  saved: SavedList['state'] | 'unknown',
): readonly string[] {
  const when = starts.at === 'login' ? 'when you log in' : 'at boot';
  const isOff = starts.isKnown
    ? 'nothing starts PM2'
    : 'it is not known whether anything starts PM2';
  return [
    starts.at === null ? `${isOff}: ${reason ?? ''}` : `PM2 starts ${when}, by ${by ?? ''}`,
    ...(isServiceRunning === null || by === null
      ? []
      : [`${by} ${isServiceRunning ? 'runs' : 'does not run'}`]),
    isPm2Running ? 'PM2 runs' : 'PM2 does not run',
    ...SAVED[saved],
  ];
}

const SAVED: Readonly<Record<SavedList['state'] | 'unknown', readonly string[]>> = {
  current: ['its saved list has the apps of now'],
  stale: ['its saved list has other apps than run now: `pm2 save`'],
  missing: ['it has saved no apps: `pm2 save`'],
  unknown: [],
};
