import { win32 } from 'node:path';

/** Where Windows is if nothing says so. */
const USUAL_ROOT = String.raw`C:\Windows`;

/** A machine, as far as it decides where its programs are. */
interface Machine {
  readonly platform: NodeJS.Platform;
  readonly systemRoot: string | undefined;
}

/**
 * The path of a program that Windows brings, as `netstat.exe`. Where only a name is given, Windows first looks for it in the
 * current folder: the monitor would run, maybe as LocalSystem, what lies in a project. On another system, and with a
 * folder, it is left as it is.
 */
export function systemProgram(file: string, machine: Machine = thisMachine()): string {
  if (machine.platform !== 'win32' || /[\\/]/.test(file)) return file;
  const { systemRoot = '' } = machine;
  const root = win32.isAbsolute(systemRoot) ? systemRoot : USUAL_ROOT;
  const folder = file === 'powershell.exe' ? String.raw`WindowsPowerShell\v1.0` : '';
  return win32.join(root, 'System32', folder, file);
}

function thisMachine(): Machine {
  // oxlint-disable-next-line node/no-process-env -- Windows sets it for each process, it is no setting of ours
  return { platform: process.platform, systemRoot: process.env['SystemRoot'] };
}
