import { LivenessError } from '../errors.ts';
import { parseDuration } from '../config/schema/durations.ts';
import { didYouMean } from '../text/nearest.ts';
import type { Sample } from '../probe/probe.ts';
import type { StatusDocument, TargetStatus } from '../report/status.ts';

/** One watched instance, with what commands can do to it. */
export interface ControlledTarget {
  probeOnce(): Promise<Sample>;
  /** Resolves when the change is also on disk, or could not be saved; the next two do the same. */
  pause(ms: number): Promise<void>;
  resume(): Promise<void>;
  reset(): Promise<void>;
  status(): TargetStatus;
}

/** The targets and the status document for the commands. */
export interface CommandDeps {
  status(): StatusDocument;
  /** All instances of an app; empty for a name that is not watched. */
  find(name: string): readonly ControlledTarget[];
  names(): readonly string[];
}

/** A runtime command: takes one line of text, returns plain data for JSON, throws ERR_USAGE for bad input. */
export type Command = (parameter: string | undefined) => unknown;

/** The runtime commands by name (DESIGN §9). */
export function commandsOf(controls: CommandDeps): Readonly<Record<string, Command>> {
  return {
    status: () => controls.status(),
    probe: (parameter) =>
      Promise.all(
        wanted(controls, 'probe', parameter).map(async (target) => ({
          ...identity(target),
          sample: await target.probeOnce(),
        })),
      ),
    pause: (parameter) => {
      const { app, ms } = pauseOf(parameter);
      return maintain(controls, 'pause', app, ms);
    },
    resume: (parameter) => maintain(controls, 'resume', parameter),
    reset: (parameter) => maintain(controls, 'reset', parameter),
  };
}

/** Pauses (for `ms`), resumes or resets an app; returns the new state of each instance. */
export function maintain(
  controls: CommandDeps,
  command: 'pause' | 'resume' | 'reset',
  app: string | undefined,
  ms = Number.POSITIVE_INFINITY,
): Promise<unknown> {
  return each(wanted(controls, command, app), (target) => {
    return command === 'pause' ? target.pause(ms) : target[command]();
  });
}

async function each(
  targets: readonly ControlledTarget[],
  act: (target: ControlledTarget) => Promise<void>,
): Promise<unknown> {
  await Promise.all(targets.map(act));
  return targets.map((target) => {
    const { state, summary } = target.status();
    return { ...identity(target), state, summary };
  });
}

function identity(target: ControlledTarget): { name: string; pmId: number } {
  const { name, pmId } = target.status();
  return { name, pmId };
}

function wanted(
  controls: CommandDeps,
  command: string,
  parameter: string | undefined,
): readonly ControlledTarget[] {
  const name = parameter?.trim() ?? '';
  const known = controls.names().join(', ') || 'none';
  if (name === '') {
    throw new LivenessError(
      'ERR_USAGE',
      `${command}: got no app; write \`pm2 trigger pm2-liveness ${command} <app>\` (watched: ${known})`,
    );
  }
  const targets = controls.find(name);
  if (targets.length > 0) return targets;
  const hint = didYouMean(name, controls.names(), `watched: ${known}`);
  throw new LivenessError(
    'ERR_USAGE',
    `${command}: no watched app is called '${name.slice(0, 80)}' (${hint})`,
  );
}

/** `web 30m`, or `web` for a pause until `resume`. The name may have spaces, the time may not. */
function pauseOf(parameter: string | undefined): { app: string | undefined; ms: number } {
  const text = parameter?.trim() ?? '';
  const at = text.search(/\s\S*$/);
  const length = text.slice(at + 1);
  if (at < 1 || !/^\d/.test(length)) return { app: parameter, ms: Number.POSITIVE_INFINITY };
  return { app: text.slice(0, at).trimEnd(), ms: parseDuration(length) };
}
