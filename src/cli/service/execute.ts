import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { parseServiceState } from '../../os/boot/windows-service.ts';
import { runCommand } from '../../os/run-command.ts';
import { systemProgram } from '../../os/system-program.ts';
import { systemClock as clock } from '../../time/clock.ts';
import type { Step } from './plan.ts';

/** `pm2 kill` waits for the apps; a program of Windows needs seconds at most. */
const RUN_MS = 90_000;
/** A person may have to type a password. */
const SHELL_MS = 300_000;
/** A service that is asked to stop stops the apps first. */
const STATE_MS = 60_000;
const LOOK_AGAIN_MS = 500;

/** Does one step. Rejects with what was said where it failed. */
export async function executeStep(step: Step, signal: AbortSignal): Promise<void> {
  switch (step.type) {
    case 'run':
      return run(step.file, step.args, signal);
    case 'shell':
      return shell(step.line, signal);
    case 'write':
      // Never into a file of another, or over a link.
      await rm(step.path, { force: true });
      return writeFile(step.path, step.content, { mode: 0o600, flag: 'wx' });
    case 'remove':
      return rm(step.path, { force: true });
    case 'wait':
      return waitFor(step.service, step.state, signal);
  }
}

async function run(file: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const { failed, all, exitCode, timedOut } = await execa(systemProgram(file), args, {
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: RUN_MS,
    cancelSignal: signal,
    windowsHide: true,
  });
  if (!failed) return;
  // NSSM writes two bytes for each character.
  const said = (all ?? '').replaceAll('\0', '').trim();
  throw new Error(
    said || (timedOut ? 'it took too long' : `it ended with ${exitCode ?? 'an error'}`),
  );
}

async function shell(line: string, signal: AbortSignal): Promise<void> {
  const { failed, exitCode } = await execa('/bin/sh', ['-c', line], {
    reject: false,
    stdio: 'inherit',
    timeout: SHELL_MS,
    cancelSignal: signal,
  });
  if (failed) throw new Error(`it ended with ${exitCode ?? 'an error'}`);
}

async function waitFor(service: string, wanted: number, signal: AbortSignal): Promise<void> {
  const deadline = clock.now() + STATE_MS;
  let state: number | null = null;
  while (clock.now() < deadline) {
    state = parseServiceState((await runCommand('sc.exe', ['query', service])) ?? '');
    if (state === wanted) return;
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
  throw new Error(`its state is ${state ?? 'unknown'} after ${STATE_MS / 1_000} s, not ${wanted}`);
}
