import type { TargetConfig } from '../../config/target-config.ts';
import type { AppFiles } from '../../diagnosis/app-files.ts';
import type { Observation } from '../../target/observation.ts';
import type { Clock } from '../../time/clock.ts';
import type { RestartEvidence } from '../../verdict/event.ts';
import type { Verdict } from '../../verdict/verdict.ts';

/** How often to look for a deploy behind an app that PM2 gave up. */
const LOOK_MS = 10_000;

/**
 * A hold ends when nothing is seen for this long: npm itself runs for about a second before the process that
 * installs shows, and one look shows a moment between two of them.
 */
const CLEAR_MS = 2_000;

/** Looks whether somebody works on the files of one app: only for a restart that is due, or held. */
export class DeployLook {
  readonly #clock: Clock;
  readonly #files: Pick<AppFiles, 'deploy'>;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Since when nothing is seen; null while something is. */
  #clearSince: number | null = null;

  constructor(clock: Clock, files: Pick<AppFiles, 'deploy'>) {
    this.#clock = clock;
    this.#files = files;
  }

  /** True while a deploy holds restarts, and now and then while PM2 has given the app up. */
  isDue({ deployHold, state, process }: Verdict, { policy }: TargetConfig): boolean {
    if (deployHold === null && state.name !== 'open') return false;
    if (policy.action === 'observe') return false;
    if (deployHold !== null) return true;
    return process.status === 'errored' && this.#clock.now() - this.#lookedAt >= LOOK_MS;
  }

  /** What works on the app's files now. Reads /proc. Never rejects. */
  async evidence(
    app: Observation,
    known: { readonly verdict: Verdict },
  ): Promise<Pick<RestartEvidence, 'deploy'>> {
    const now = this.#clock.now();
    this.#lookedAt = now;
    const deploy = await this.#files.deploy(app);
    if (deploy === undefined) return lastSeen(known.verdict);
    this.#clearSince = deploy === null ? (this.#clearSince ?? now) : null;
    return this.#isGap(known.verdict, now) ? lastSeen(known.verdict) : { deploy };
  }

  /** True while nothing is seen for a moment. What is certain to be back ends its hold at once. */
  #isGap({ deployHold, at }: Verdict, now: number): boolean {
    if (this.#clearSince === null || deployHold === null) return false;
    if (!Number.isFinite(deployHold.until) || at >= deployHold.until) return false;
    return now - this.#clearSince < CLEAR_MS;
  }
}

/** Where nobody could look, what held restarts still does. */
function lastSeen({ deployHold }: Verdict): Pick<RestartEvidence, 'deploy'> {
  if (deployHold === null) return {};
  const { reason, until } = deployHold;
  return { deploy: { reason, isCertain: !Number.isFinite(until) } };
}
