import { sanitizeLine } from '../../text/sanitize.ts';
import { isAgreed } from '../framework/ask.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { printMessage } from '../framework/message.ts';
import { executeStep } from './execute.ts';
import { executeSteps } from './execute-steps.ts';
import { posixFacts, windowsFacts } from './facts.ts';
import { stepText, type Plan, type Refusal } from './plan.ts';
import { posixInstall, posixUninstall } from './posix.ts';
import { windowsInstall, windowsUninstall } from './windows.ts';

type Part = 'install' | 'uninstall';

/** `service install` and `service uninstall`: shows what it does, asks, and does it. */
export async function changeService(
  part: Part,
  given: ParsedArguments,
  io: CliIo,
): Promise<ExitCode> {
  const plan = await planFor(part, given);
  if (plan === null) {
    io.out(
      part === 'install'
        ? 'Nothing to do: PM2 starts at boot, with the apps of now.'
        : 'Nothing to remove: nothing starts PM2 at boot.',
    );
    return 0;
  }
  if ('refusal' in plan) {
    for (const line of plan.refusal)
      printMessage(`service ${part}: ${line}`, {
        columns: io.columns,
        out: (text) => io.err(text),
      });
    return 2;
  }
  showPlan(plan, io);
  if (!(await isAgreed('Do it?', 'changed', given, io))) return 1;
  const isDone = await executeSteps(plan.steps, {
    execute: executeStep,
    signal: io.signal,
    err: (text) => io.err(`service ${part}: ${sanitizeLine(text)}`),
  });
  if (!isDone) return 1;
  for (const line of plan.done) printMessage(line, io);
  return 0;
}

async function planFor(part: Part, given: ParsedArguments): Promise<Plan | Refusal | null> {
  if (process.platform === 'win32') {
    const facts = await windowsFacts(given);
    return part === 'install' ? windowsInstall(facts, given.has('nssm')) : windowsUninstall(facts);
  }
  const facts = await posixFacts();
  return part === 'install' ? posixInstall(facts) : posixUninstall(facts);
}

function showPlan({ steps, notes }: Plan, io: CliIo): void {
  io.out('This does:');
  for (const step of steps) io.out(`  ${sanitizeLine(stepText(step))}`);
  for (const note of notes) printMessage(note, io);
}
