import type { Clock } from '../time/clock.ts';
import { valueIn } from './linux/markers.ts';
import { LinuxProc } from './linux/proc.ts';
import { hasProgram } from './program.ts';

/** Linux allows environment and arguments together a quarter of the stack, 2 MiB by default. */
const MAX_ENVIRON_BYTES = 2_097_152;

/** Whose PATH is checked, and the PATH to use where it cannot be read. */
interface PsCheckDeps {
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
  /** The pid of the PM2 daemon; 0 where not known. */
  readonly daemonPid: () => Promise<number>;
  /** Our own PATH, which may differ: PM2 gives an app the PATH of the shell that started it. */
  readonly ownPath: string | null;
}

/** Makes the check whether the PM2 daemon lacks the program `ps`, which it needs to stop a process tree. */
export function createPsCheck({
  platform,
  clock,
  daemonPid,
  ownPath,
}: PsCheckDeps): () => Promise<boolean> {
  // On Windows PM2 uses taskkill.
  if (platform === 'win32') return async () => false;
  const proc = new LinuxProc('/proc', clock);
  return async () => {
    const pid = platform === 'linux' ? await daemonPid() : 0;
    const environ = pid > 0 ? await proc.memory(`${pid}/environ`, MAX_ENVIRON_BYTES) : null;
    const path = environ === null || environ.length === 0 ? ownPath : valueIn(environ, 'PATH');
    // An environment has secrets.
    environ?.fill(0);
    return !(await hasProgram('ps', path));
  };
}
