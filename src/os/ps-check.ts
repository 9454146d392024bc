import type { Clock } from '../time/clock.ts';
import { valueIn } from './linux/markers.ts';
import { LinuxProc } from './linux/proc.ts';
import { hasProgram } from './program.ts';

/** Linux lets environment and arguments together grow to a quarter of the stack, 2 MiB by default. */
const MAX_ENVIRON_BYTES = 2_097_152;

/** Whose PATH matters, and what to take where it cannot be read. */
interface PsCheckDeps {
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
  /** The PM2 daemon; 0 when not known. */
  readonly daemonPid: () => Promise<number>;
  /** Our own PATH, which may be another: PM2 gives an app that of the shell it was started from. */
  readonly ownPath: string | null;
}

/** Gives the look whether the PM2 daemon lacks the program `ps`, which it needs to end a tree. */
export function createPsCheck({
  platform,
  clock,
  daemonPid,
  ownPath,
}: PsCheckDeps): () => Promise<boolean> {
  // Windows has PM2 use taskkill.
  if (platform === 'win32') return async () => false;
  const proc = new LinuxProc('/proc', clock);
  return async () => {
    const pid = platform === 'linux' ? await daemonPid() : 0;
    const environ = pid > 0 ? await proc.memory(`${pid}/environ`, MAX_ENVIRON_BYTES) : null;
    const path = environ === null || environ.length === 0 ? ownPath : valueIn(environ, 'PATH');
    // An environment is full of secrets.
    environ?.fill(0);
    return !(await hasProgram('ps', path));
  };
}
