import { parseDuration } from '../config/schema/durations.ts';
import { LivenessError } from '../errors.ts';
import { maintain, type CommandDeps } from './commands.ts';
import type { RouteRequest, Route, Routes } from './server.ts';

/** The routes of the control socket: the status document, and the operator's commands. */
export function routesOf(controls: CommandDeps): Routes {
  return new Map<string, Route>([
    ['GET /status', () => controls.status()],
    [
      'POST /pause',
      (asked) => {
        const length = textOf(asked, 'for');
        const ms = length === undefined ? Number.POSITIVE_INFINITY : parseDuration(length);
        return answer(controls, 'pause', asked, ms);
      },
    ],
    ['POST /resume', (asked) => answer(controls, 'resume', asked)],
    ['POST /reset', (asked) => answer(controls, 'reset', asked)],
  ]);
}

async function answer(
  controls: CommandDeps,
  command: 'pause' | 'resume' | 'reset',
  asked: RouteRequest,
  ms = Number.POSITIVE_INFINITY,
): Promise<unknown> {
  const targets = await maintain(controls, command, textOf(asked, 'app'), ms);
  return { schemaVersion: 1, targets };
}

/** A text field of the body; undefined where missing. Throws ERR_USAGE for anything else. */
function textOf({ body }: RouteRequest, name: string): string | undefined {
  const value: unknown =
    typeof body === 'object' && body !== null && name in body
      ? (body as Record<string, unknown>)[name] // looked at below
      : undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new LivenessError('ERR_USAGE', `${name}: got no text`);
}
