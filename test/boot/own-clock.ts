import { uptime } from 'node:os';
import { execa } from 'execa';

/** How old a machine is when its first process runs. */
const BOOT_SECONDS = 5;

/**
 * What to put before a command so that its machine clock (CLOCK_MONOTONIC and its like) starts near
 * zero, as it does with every real boot; nothing where the kernel has no time namespaces.
 */
export async function ownClock(): Promise<readonly string[]> {
  const offset = BOOT_SECONDS - Math.floor(uptime());
  const command = ['--time', '--fork', `--monotonic=${offset}`, `--boottime=${offset}`];
  const { exitCode } = await execa('unshare', [...command, 'true'], { reject: false });
  return exitCode === 0 ? ['unshare', '--kill-child=SIGKILL', ...command] : [];
}
