import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';

/** The last pid that Linux gave out; a user who may write it chooses the next. */
const LAST_PID = '/proc/sys/kernel/ns_last_pid';

/** Whether we may choose the pid of a process (Linux, as root). */
export function canTakePids(): boolean {
  try {
    writeFileSync(LAST_PID, readFileSync(LAST_PID, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts a program, the leader of its own group, with a given free pid; throws where it cannot get the pid.
 */
export async function takePid(
  pid: number,
  file: string,
  args: readonly string[],
): Promise<ChildProcess> {
  for (let tries = 0; tries < 500; tries += 1) {
    writeFileSync(LAST_PID, String(pid - 1));
    const child = spawn(file, [...args], { detached: true, stdio: 'ignore' });
    if (child.pid === pid) return child;
    // Others start processes too.
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  throw new Error(`the pid ${pid} was not to be had`);
}
