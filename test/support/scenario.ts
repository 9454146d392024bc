import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { SCENARIOS } from '../chaos/scenarios.ts';
import { Pm2Sandbox, type SandboxOptions } from './pm2-sandbox.ts';
import { ViteApp, type ViteAppOptions } from './vite-app.ts';

/** What a scenario measured. */
export interface Figures {
  /** Restarts that we caused. */
  readonly restarts: number;
  /** From the fault to the first 200; null where the page was never down, or should not come back. */
  readonly to200Ms: number | null;
  /** The app's last state. */
  readonly final: string;
}

/** One line of the closing table. */
interface Row extends Figures {
  readonly number: number;
  readonly part: string;
  readonly fault: string;
}

/** The stage of a scenario: what starts here is stopped with it. */
export class Stage {
  readonly #endings: (() => Promise<void> | void)[] = [];

  /** Stops something after the scenario, in reverse order. */
  defer(ending: () => Promise<void> | void): void {
    this.#endings.push(ending);
  }

  /** A PM2 of its own, with the built monitor unless that starts later. */
  async pm2({
    monitor = true,
    ...options
  }: { monitor?: boolean } & SandboxOptions = {}): Promise<Pm2Sandbox> {
    const sandbox = await Pm2Sandbox.create(options);
    this.defer(() => sandbox.destroy());
    if (monitor) await sandbox.startMonitor();
    return sandbox;
  }

  /** A React page and its Vite dev server, not started yet. */
  async vite(options: ViteAppOptions = {}): Promise<ViteApp> {
    const app = await ViteApp.create(options);
    // After the PM2 that runs it, because a Vite that still runs writes its cache back into the folder.
    this.#endings.unshift(() => app.destroy());
    return app;
  }

  async end(): Promise<void> {
    for (const ending of this.#endings.toReversed()) await ending();
  }
}

/**
 * Plays one fault of the table on the real thing. `part` names its variant. The figures are printed, and
 * saved for the closing table.
 */
export function scenario(
  number: number,
  part: string,
  play: (stage: Stage, context: TestContext) => Promise<Figures>,
): void {
  const { fault, right } = SCENARIOS[number] ?? assert.fail(`there is no scenario ${number}`);
  describe(`${number}. ${fault} → ${right}`, () => {
    test(part || 'is survived', async (context) => {
      const stage = new Stage();
      try {
        const figures = await play(stage, context);
        context.diagnostic(textOf(figures));
        note({ number, part, fault, ...figures });
      } finally {
        await stage.end();
      }
    });
  });
}

/** `1 restart, 200 after 5.4 s, healthy` */
function textOf({ restarts, to200Ms, final }: Figures): string {
  const back = to200Ms === null ? 'never away' : `200 after ${(to200Ms / 1_000).toFixed(1)} s`;
  return `${restarts} restart${restarts === 1 ? '' : 's'} of ours, ${back}, ${final}`;
}

function note(row: Row): void {
  const file = process.env['CHAOS_ROWS'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(row)}\n`);
}
