import { messageOf } from '../../errors.ts';
import { stepText, type Step } from './plan.ts';

interface ExecuteStepsDeps {
  /** Does one step; rejects with what was said where it failed. */
  readonly execute: (step: Step, signal: AbortSignal) => Promise<void>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Takes a line that a person should read. */
  readonly err: (text: string) => void;
}

/**
 * Does the steps one after another. Where one fails, takes back those before it, the last one first: half a service is neither ours
 * to uninstall nor to install again, and the apps may be stopped. Resolves to false then; never rejects.
 */
export async function executeSteps(
  steps: readonly Step[],
  { execute, signal, err }: ExecuteStepsDeps,
): Promise<boolean> {
  const undo: Step[] = [];
  for (const step of steps) {
    try {
      await execute(step, signal);
    } catch (error) {
      err(`${stepText(step)}: ${messageOf(error)}`);
      await takeBack(undo, { execute, err });
      return false;
    }
    undo.unshift(...(step.undoneBy ?? []));
  }
  return true;
}

/** Also after Ctrl-C: each step has a deadline of its own. */
async function takeBack(
  steps: readonly Step[],
  { execute, err }: Omit<ExecuteStepsDeps, 'signal'>,
): Promise<void> {
  const { signal } = new AbortController();
  for (const step of steps) {
    err(`taking back: ${stepText(step)}`);
    await execute(step, signal).catch((error: unknown) => {
      err(`${stepText(step)}: ${messageOf(error)}`);
    });
  }
}
