import { guardedHome } from './guarded-home.ts';
import { uninstallSteps, whyNot, type Step } from './install.ts';
import { guardTimers } from './timers.ts';

/** How the guard of this shell's PM2_HOME is taken out. */
interface GuardRemoval {
  /** What this user may do; empty where no guard is installed. */
  readonly steps: readonly Step[];
  /** The lines that a person has to type, where this user may not do it. */
  readonly left: readonly string[];
}

/** Never rejects: where nobody can say whose PM2_HOME it is, no guard can be installed for it. */
export async function guardRemoval(): Promise<GuardRemoval> {
  const none: GuardRemoval = { steps: [], left: [] };
  if (process.platform !== 'linux') return none;
  const guarded = await guardedHome(false).catch(() => null);
  if (guarded === null) return none;
  const parts = await Promise.all(
    (await guardTimers(guarded)).map(async ({ isUserUnit }): Promise<GuardRemoval> => {
      const own = { ...guarded, isUserUnit };
      const refusal = await whyNot('uninstall', own);
      if (refusal === null) return { steps: await uninstallSteps(own), left: [] };
      // The line to type is the first that is set in.
      const line = refusal.find((each) => each.startsWith('  '))?.trim();
      return { steps: [], left: [line ?? 'npx pm2-liveness guard uninstall --user'] };
    }),
  );
  return {
    steps: parts.flatMap(({ steps }) => steps),
    left: parts.flatMap(({ left }) => left),
  };
}
