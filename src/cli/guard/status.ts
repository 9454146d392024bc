import { dataDir } from '../../config/data-dir.ts';
import { readGuard } from '../../guard/guard-file.ts';
import { durationText } from '../../text/duration-text.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import { systemClock } from '../../time/clock.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { guardedHome } from './guarded-home.ts';
import { guardTimers, LATE_MS, startLine, type GuardTimer } from './timers.ts';

/** `guard status`: whether the timer runs, and what the last look found. */
export async function showGuard(given: ParsedArguments, io: CliIo): Promise<ExitCode> {
  const wanted = given.has('user') ? [true] : [false, true];
  const guarded = await guardedHome(wanted[0] === true);
  const timers = await guardTimers(guarded, wanted);
  const { memory, unsent } = await readGuard(dataDir(guarded.pm2Home));
  const ageMs = memory.lookedAt === 0 ? null : Math.max(0, systemClock.wall() - memory.lookedAt);
  const isWell =
    timers.some(({ isActive }) => isActive) &&
    ageMs !== null &&
    ageMs < LATE_MS &&
    memory.trouble === null;
  if (given.has('json')) {
    const lastLook = ageMs === null ? null : new Date(memory.lookedAt).toISOString();
    const { found, trouble } = memory;
    const document = { schemaVersion: 1, timers, lastLook, found, trouble, waiting: unsent.length };
    io.out(jsonText(document, 2));
  } else {
    for (const line of linesOf(timers, ageMs, memory.found, unsent.length)) {
      io.out(sanitizeLine(line));
    }
  }
  return isWell ? 0 : 1;
}

function linesOf(
  timers: readonly GuardTimer[],
  ageMs: number | null,
  found: string,
  unsent: number,
): readonly string[] {
  return [
    ...(timers.length === 0 ? ['no guard is installed: `pm2-liveness guard install`'] : []),
    ...timers.map((timer) =>
      timer.isActive ? `${timer.name} is on` : `${timer.name} is off: \`${startLine(timer)}\``,
    ),
    ageMs === null
      ? 'it has not looked yet'
      : `last look ${durationText(Math.round(ageMs / 1_000) * 1_000)} ago: ${found}`,
    ...(unsent > 0 ? [`messages that wait: ${unsent}`] : []),
  ];
}
