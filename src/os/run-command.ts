import { execFile } from 'node:child_process';
import { systemProgram } from './system-program.ts';

/** How long a system program may take; PowerShell alone needs a second to start. */
const DEADLINE_MS = 10_000;

/** About 10 000 processes with their command lines. */
const MAX_OUTPUT_BYTES = 8_388_608;

/**
 * Runs a program and returns its output, with any exit code (`lsof` exits with 1 where it finds nothing);
 * null where it could not be started, took too long or wrote too much. Never rejects.
 */
export type RunCommand = (file: string, args: readonly string[]) => Promise<string | null>;

/** Runs the program as our child, without a shell; a bare name is one of the system's programs. */
export const runCommand: RunCommand = (file, args) =>
  new Promise((resolve) => {
    const options = {
      timeout: DEADLINE_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      killSignal: 'SIGKILL',
      windowsHide: true,
    } as const;
    try {
      execFile(systemProgram(file), args, options, (error, stdout) => {
        // `code` is a number for an exit code, a name for a failed start or too much output.
        const hasEnded = error === null || (typeof error.code === 'number' && !error.killed);
        resolve(hasEnded ? stdout : null);
      });
    } catch {
      resolve(null); // an argument with a NUL in it, or no process left to start
    }
  });
