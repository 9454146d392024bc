import { STOPPED } from '../../os/boot/windows-service.ts';

/** One thing that `service` does, as data: it is shown before it is done. */
export type Step = Deed & {
  /** What takes it back where a later step fails; nothing by default. */
  readonly undoneBy?: readonly Deed[];
};

type Deed =
  /** Runs a program of Windows, without a shell. */
  | { readonly type: 'run'; readonly file: string; readonly args: readonly string[] }
  /** Runs a line of a POSIX shell, on the terminal, because `sudo` may ask for a password. */
  | { readonly type: 'shell'; readonly line: string }
  | { readonly type: 'write'; readonly path: string; readonly content: string | Uint8Array }
  | { readonly type: 'remove'; readonly path: string }
  /** Waits until a service of Windows has a state, by its number in winsvc.h. */
  | { readonly type: 'wait'; readonly service: string; readonly state: number };

/** What `service install` or `service uninstall` would do. */
export interface Plan {
  readonly steps: readonly Step[];
  /** What a person should know before they agree. */
  readonly notes: readonly string[];
  /** What is said when all is done. */
  readonly done: readonly string[];
}

/** Why nothing can be done, line by line, with what to do instead. */
export interface Refusal {
  readonly refusal: readonly string[];
}

/** The step in one line. */
export function stepText(step: Step): string {
  switch (step.type) {
    case 'run':
      return [step.file, ...step.args].map(windowsWord).join(' ');
    case 'shell':
      return step.line;
    case 'write':
      return `write ${step.path}`;
    case 'remove':
      return `remove ${step.path}`;
    case 'wait':
      return `wait until the service ${step.service} ${step.state === STOPPED ? 'has stopped' : 'runs'}`;
  }
}

/** A step that runs PM2's program with this Node. */
export function pm2Step(
  { node, pm2Program }: { readonly node: string; readonly pm2Program: string },
  ...words: readonly string[]
): Step {
  return { type: 'run', file: node, args: [pm2Program, ...words] };
}

/** Stops PM2 and its apps; they start again, by hand as before, where what was to start them fails. */
export function killStep(facts: { readonly node: string; readonly pm2Program: string }): Step {
  return { ...pm2Step(facts, 'kill'), undoneBy: [pm2Step(facts, 'resurrect')] };
}

/** What is said when a service or task is gone, in which PM2 ran or did not. */
export function removedText(isRunning: boolean): string {
  return `Removed. ${isRunning ? '`npx pm2 resurrect` starts the saved apps without it.' : 'PM2 is as before.'}`;
}

/** A word as it is typed on Windows. */
function windowsWord(word: string): string {
  return /^[^\s"&|<>^%]+$/.test(word) ? word : `"${word.replaceAll('"', String.raw`\"`)}"`;
}
