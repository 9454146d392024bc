import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dataDir } from '../../config/data-dir.ts';
import { readGuard } from '../../guard/guard-file.ts';
import { durationText } from '../../text/duration-text.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import { systemClock } from '../../time/clock.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { guardedHome, unitFolder } from './guarded-home.ts';
import { systemctl } from './systemd.ts';
import { unitName } from './units.ts';

/** A timer of a minute that has not looked for this long does not work. */
const LATE_MS = 5 * 60_000;

/** `guard status`: whether the timer runs, and what the last look found. */
export async function showGuard(given: ParsedArguments, io: CliIo): Promise<ExitCode> {
  const wanted = given.has('user') ? [true] : [false, true];
  const timers: { name: string; isUserUnit: boolean; isActive: boolean }[] = [];
  const guarded = await guardedHome(wanted[0] === true);
  const name = `${unitName(guarded)}.timer`;
  for (const isUserUnit of wanted) {
    const file = join(unitFolder({ ...guarded, isUserUnit }), name);
    if (!(await stat(file).catch(() => null))) continue;
    const { isDone } = await systemctl(isUserUnit, 'is-active', '--quiet', name);
    timers.push({ name, isUserUnit, isActive: isDone });
  }
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
  timers: readonly { name: string; isUserUnit: boolean; isActive: boolean }[],
  ageMs: number | null,
  found: string,
  unsent: number,
): readonly string[] {
  return [
    ...(timers.length === 0 ? ['no guard is installed: `pm2-liveness guard install`'] : []),
    ...timers.map(({ name, isUserUnit, isActive }) => {
      const again = `\`systemctl ${isUserUnit ? '--user ' : ''}start ${name}\``;
      return isActive ? `${name} is on` : `${name} is off: ${again}`;
    }),
    ageMs === null
      ? 'it has not looked yet'
      : `last look ${durationText(Math.round(ageMs / 1_000) * 1_000)} ago: ${found}`,
    ...(unsent > 0 ? [`messages that wait: ${unsent}`] : []),
  ];
}
