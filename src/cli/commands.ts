import { check } from './check.ts';
import type { CliCommand } from './command.ts';
import { completionsOf } from './completions.ts';
import { config } from './config.ts';
import { describe } from './describe.ts';
import { doctor } from './doctor.ts';
import { events } from './events.ts';
import { init } from './init.ts';
import { pause, reset, resume } from './maintain.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';

/** Every command of the program, in the order of its help. */
export const COMMANDS: readonly CliCommand[] = [
  status,
  describe,
  events,
  doctor,
  check,
  pause,
  resume,
  reset,
  init,
  start,
  stop,
  config,
  completionsOf(() => COMMANDS),
];
