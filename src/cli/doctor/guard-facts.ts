import { stat } from 'node:fs/promises';
import { dataDir } from '../../config/data-dir.ts';
import { readGuard } from '../../guard/guard-file.ts';
import { systemClock as clock } from '../../time/clock.ts';
import { guardedHome } from '../guard/guarded-home.ts';
import { guardTimers } from '../guard/timers.ts';
import type { GuardFacts } from './facts.ts';

/** What is known about the guard; null where systemd does not run, or its file is not ours to read. Never rejects. */
export async function guardFacts(pm2Home: string): Promise<GuardFacts | null> {
  if (process.platform !== 'linux') return null;
  try {
    await stat('/run/systemd/system');
    const [timer = null] = await guardTimers(await guardedHome(false));
    const { lookedAt, trouble, found } = (await readGuard(dataDir(pm2Home))).memory;
    return {
      timer,
      lookAgeMs: lookedAt === 0 ? null : Math.max(0, clock.wall() - lookedAt),
      trouble: trouble === null ? null : found,
    };
  } catch {
    return null;
  }
}
