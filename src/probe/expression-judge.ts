import { Worker } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import type { EndSignal } from '../time/ending.ts';
import { PROGRAM, type Request, type Verdict } from './expression-worker.ts';

/**
 * So long the worker may take to begin, to compile and to answer; then it is ended and the next
 * question gets a new one. Ten times what an expression may take, for a machine that is busy.
 */
const WORKER_MS = 2_000;

/** Enough for the texts of one answer; the worker must not grow without end. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

/** One question that waits or is being answered. */
interface Job extends Request {
  readonly settle: (verdict: Verdict) => void;
}

/** What is asked of the judge. */
export interface Question extends Request {
  /** Waits behind all others: its expression has been slow before. */
  readonly isSuspect: boolean;
}

/**
 * Judges users' expressions in one thread beside the main one, one at a time: an expression that
 * takes for ever costs its own app a sample, and nobody else anything. The thread begins with the
 * first question, so a monitor without such expressions has none, and it keeps no process alive.
 */
export class ExpressionJudge {
  readonly #clean: Job[] = [];
  readonly #suspect: Job[] = [];
  #worker: Worker | null = null;
  #current: Job | null = null;
  #deadline: NodeJS.Timeout | undefined;

  /** What the expression says of the texts; `aborted` as soon as the signal is. Never rejects. */
  judge({ isSuspect, ...request }: Question, signal: EndSignal): Promise<Verdict | 'aborted'> {
    return new Promise((resolve) => {
      const queue = isSuspect ? this.#suspect : this.#clean;
      const settle = (verdict: Verdict | 'aborted'): void => {
        signal.removeEventListener('abort', giveUp);
        resolve(verdict);
      };
      const job: Job = { ...request, settle };
      const giveUp = (): void => {
        const at = queue.indexOf(job);
        if (at !== -1) queue.splice(at, 1);
        settle('aborted');
      };
      if (signal.aborted) return settle('aborted');
      signal.addEventListener('abort', giveUp, { once: true });
      queue.push(job);
      this.#next();
    });
  }

  /** Ends the thread. */
  stop(): void {
    this.#drop({ unable: 'the judge was stopped' });
  }

  #next(): void {
    if (this.#current !== null) return;
    const job = this.#clean.shift() ?? this.#suspect.shift();
    if (job === undefined) return;
    this.#current = job;
    this.#deadline = setTimeout(() => this.#drop('slow'), WORKER_MS);
    try {
      this.#worker ??= this.#begin();
      const { source, flags, texts } = job;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      this.#worker.postMessage({ source, flags, texts } satisfies Request);
    } catch (thrown) {
      this.#drop({ unable: messageOf(thrown) });
    }
  }

  #begin(): Worker {
    const worker = new Worker(PROGRAM, {
      eval: true,
      execArgv: [],
      env: {},
      resourceLimits: LIMITS,
    });
    worker.on('message', (verdict: Verdict) => {
      if (worker === this.#worker) this.#settle(verdict);
    });
    const lose = (why: string): void => {
      if (worker === this.#worker) this.#drop({ unable: why });
    };
    worker.on('error', (error) => lose(messageOf(error)));
    worker.on('exit', () => lose('the thread that judges expressions ended'));
    // After the listeners: Node's own takes a reference again with each that is added.
    worker.unref();
    return worker;
  }

  /** Ends the worker, whatever it does; the next question gets a new one. */
  #drop(verdict: Verdict): void {
    const worker = this.#worker;
    this.#worker = null;
    void worker?.terminate();
    this.#settle(verdict);
  }

  #settle(verdict: Verdict): void {
    clearTimeout(this.#deadline);
    const job = this.#current;
    this.#current = null;
    job?.settle(verdict);
    this.#next();
  }
}
