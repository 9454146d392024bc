import type { execa as Execa } from 'execa';
import { codeOf, messageOf } from '../../errors.ts';
import type { LightAbortSignal } from '../../time/light-abort.ts';
import { isOutOfResources } from '../net/connect-error.ts';
import { Command } from './command.ts';
import type { CommandEnd } from './command.ts';
import type { ExecOptions, Outcome, Probe, ProbeContext } from '../probe.ts';
import type { RunAs } from './run-as.ts';

/**
 * Loaded with the first `exec` probe, so that a monitor without one needs less memory. Not with the first
 * run: Node never tries again to load a module that it could not read, and at a run there may be no
 * descriptors left.
 */
let loading: Promise<typeof Execa | Error> | undefined;

/**
 * Runs a program; exit code 0 is success. It runs as the user and with the environment of `runAs`, with `env`
 * on top, without input, until the deadline; without `runAs` as our own user. Never two at once: the next run
 * waits until the last command is gone.
 */
export function createExecProbe(options: ExecOptions, runAs?: () => Promise<RunAs>): Probe {
  let command: Command | undefined;
  let isStopped = false;
  loading ??= import('execa').then(({ execa }) => execa, errorOf);

  return {
    async run(context) {
      if (command !== undefined) {
        const isGone = await beforeAbort(command.gone, context.signal);
        if (!isGone) return STUCK;
      }
      const asking = Promise.all([loading, runAs?.() ?? null]);
      if (!(await beforeAbort(asking, context.signal))) return isStopped ? STOPPED : NOT_STARTED;
      const [execa, runner] = await asking;
      if (isStopped) return STOPPED;
      if (runner?.kind === 'unknown') return broken(`exec: ${runner.reason}`);
      if (typeof execa !== 'function') return notLoaded(execa);
      const current = new Command(execa, options, runner);
      command = current;
      const isEnded = await beforeAbort(current.end, context.signal);
      if (isStopped) return STOPPED;
      if (isEnded) return outcomeOfEnd(await current.end, current, options);
      current.terminate();
      return killed(current, context);
    },
    stop() {
      isStopped = true;
      command?.kill();
    },
  };
}

const STOPPED: Outcome = { kind: 'unknown', cause: 'aborted', detail: 'the probe was stopped' };
/** Only the kernel can keep a killed process: that is a problem of our machine. */
const STUCK: Outcome = {
  kind: 'unknown',
  cause: 'pending',
  detail: 'the command before was killed but is still there',
};
const NOT_STARTED: Outcome = {
  kind: 'unknown',
  cause: 'pending',
  detail: 'the deadline passed before the command could be started',
};

function broken(detail: string): Outcome {
  return { kind: 'unknown', cause: 'broken-probe', detail };
}

/** A module that once failed to load fails until the monitor is restarted. */
function notLoaded(error: unknown): Outcome {
  const code = codeOf(error);
  const detail = `execa could not be loaded (${code ?? messageOf(error)}): restart pm2-liveness`;
  const cause = isOutOfResources(code) ? 'resources' : 'broken-probe';
  return { kind: 'unknown', cause, detail };
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown));
}

function killed(command: Command, { timeoutMs }: ProbeContext): Outcome {
  const detail = `killed after ${timeoutMs} ms${lastWords(command)}`;
  return { kind: 'fail', class: 'exec', detail };
}

/** The outcome of a command that ended. */
function outcomeOfEnd(end: CommandEnd, command: Command, options: ExecOptions): Outcome {
  switch (end.kind) {
    case 'exited': {
      if (end.exitCode === 0) return { kind: 'ok', detail: 'exited with code 0' };
      const detail = `exited with code ${end.exitCode}${lastWords(command)}`;
      return { kind: 'fail', class: 'exec', detail };
    }
    case 'signalled': {
      const detail = `killed by ${end.signal}${lastWords(command)}`;
      return { kind: 'fail', class: 'exec', detail };
    }
    case 'notStarted':
      return notStarted(end, options);
  }
}

/** A command that cannot be started says nothing about the target. */
function notStarted(
  { code, message }: Extract<CommandEnd, { kind: 'notStarted' }>,
  { file, cwd }: ExecOptions,
): Outcome {
  if (isOutOfResources(code)) {
    const detail = `this machine is out of resources: ${code} while starting ${file}`;
    return { kind: 'unknown', cause: 'resources', detail };
  }
  return broken(startAdvice(code, message, file, cwd));
}

function startAdvice(
  code: string | undefined,
  message: string,
  file: string,
  cwd: string | undefined,
): string {
  // execa checks the folder itself, because the system would report the command as missing.
  if (cwd !== undefined && message.includes('"cwd" option')) {
    return `exec: the folder ${cwd} (\`cwd\`) is not there`;
  }
  if (code === 'ENOENT')
    return `exec: ${file} was not found: check its name, or give its full path`;
  if (code === 'EACCES')
    return `exec: ${file} may not be executed: is it a file with the x bit set?`;
  if (code === 'EPERM') return `exec: ${file} may not be run as the user of the app (EPERM)`;
  return `exec: ${file} could not be started: ${code ?? message}`;
}

/** The last line of output, usually the reason. */
function lastWords(command: Command): string {
  const line = command.output.lastLine();
  return line === '' ? '' : `: ${line}`;
}

/** Resolves to true where `promise` settles before the signal aborts. Removes its listener. */
function beforeAbort(promise: Promise<unknown>, signal: LightAbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const onAbort = (): void => resolve(false);
    signal.addEventListener('abort', onAbort, { once: true });
    void promise.finally(() => {
      signal.removeEventListener('abort', onAbort);
      resolve(true);
    });
    if (signal.aborted) onAbort();
  });
}
