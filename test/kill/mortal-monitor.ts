import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from '../support/until.ts';

const program = join(import.meta.dirname, '../../dist/main.js');
const LEADS = 'watches the apps with an env_liveness block';

/** How long a monitor may take to lead, on a machine that is busy. */
const LEAD_MS = 15_000;

/** One run of the built monitor, as a child process that can be killed at any moment. */
export class MortalMonitor {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #told = '';

  constructor(pm2Home: string) {
    const { PATH, HOME } = process.env;
    this.#child = spawn(process.execPath, [program], {
      env: { PATH, HOME, PM2_HOME: pm2Home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = once(this.#child, 'close');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => (this.#told += String(chunk)));
    }
  }

  /** What it has printed so far. */
  get told(): string {
    return this.#told;
  }

  /** Whether it was seen to lead. */
  get hasLed(): boolean {
    return this.#told.includes(LEADS);
  }

  /** Whether it was seen to decide on a restart. */
  get hasDecided(): boolean {
    return /: (?:restarting|trial restart): /.test(this.#told);
  }

  /** Resolves when it leads; throws with what it said where it does not, or has ended. */
  async leads(): Promise<void> {
    await until('the monitor leads', () => this.hasLed || this.#hasEnded, {
      withinMs: LEAD_MS,
      everyMs: 5,
    }).catch((error: unknown) => {
      throw new Error(`a monitor that does not lead: ${this.#told}`, { cause: error });
    });
    if (this.#hasEnded) throw new Error(`the monitor ended by itself: ${this.#told}`);
  }

  /** Resolves when it decides on a restart, or after this time. */
  async decides(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    const isOver = (): boolean => this.hasDecided || performance.now() > deadline;
    await until('it decides', isOver, { withinMs: withinMs + 1_000, everyMs: 1 });
  }

  /** SIGKILL; true where that, and nothing before it, was its end. */
  async kill(): Promise<boolean> {
    this.#child.kill('SIGKILL');
    await this.#ended;
    return this.#child.signalCode === 'SIGKILL';
  }

  /** Ends it as PM2 does. */
  async stop(): Promise<void> {
    this.#child.kill('SIGINT');
    await this.#ended;
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
