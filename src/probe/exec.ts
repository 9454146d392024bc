import type { execa as Execa } from 'execa';
import type { EndSignal } from '../time/ending.ts';
import { isOutOfResources } from './connect-error.ts';
import { Command } from './exec-command.ts';
import type { CommandEnd } from './exec-command.ts';
import type { ExecOptions, Outcome, Probe, ProbeContext } from './probe.ts';

/** Loaded at the first run: a monitor without `exec` probes stays smaller by it. */
const loadExeca = async (): Promise<typeof Execa> => (await import('execa')).execa;

/**
 * Runs a program; exit code 0 is success. It gets the monitor's environment with `env` on top, no
 * input, and until the deadline. Never two at once: a command that will not die is waited for.
 */
export function createExecProbe(options: ExecOptions): Probe {
  let command: Command | undefined;
  let isStopped = false;

  return {
    async run(context) {
      if (command !== undefined) {
        const isGone = await beforeAbort(command.gone, context.signal);
        if (!isGone) return STUCK;
      }
      const execa = await loadExeca();
      if (isStopped) return STOPPED;
      if (context.signal.aborted) return NOT_STARTED;
      const current = new Command(execa, options);
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
/** Only the kernel can hold on to a killed process; that is our machine's trouble. */
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

function killed(command: Command, { timeoutMs }: ProbeContext): Outcome {
  const detail = `killed after ${timeoutMs} ms${lastWords(command)}`;
  return { kind: 'fail', class: 'exec', detail };
}

/** What the way a command ended says about the target. */
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
  return { kind: 'unknown', cause: 'broken-probe', detail: startAdvice(code, message, file, cwd) };
}

function startAdvice(
  code: string | undefined,
  message: string,
  file: string,
  cwd: string | undefined,
): string {
  // execa looks at the folder itself, because the system blames the command for it.
  if (cwd !== undefined && message.includes('"cwd" option')) {
    return `exec: the folder ${cwd} (\`cwd\`) is not there`;
  }
  if (code === 'ENOENT')
    return `exec: ${file} was not found: check its name, or give its full path`;
  if (code === 'EACCES')
    return `exec: ${file} may not be executed: is it a file with the x bit set?`;
  return `exec: ${file} could not be started: ${code ?? message}`;
}

/** The last line of output, which most often is the reason. */
function lastWords(command: Command): string {
  const line = command.output.lastLine();
  return line === '' ? '' : `: ${line}`;
}

/** Whether `promise` settles before the signal aborts; leaves no listener behind. */
function beforeAbort(promise: Promise<unknown>, signal: EndSignal): Promise<boolean> {
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
