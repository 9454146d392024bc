import { Worker } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';
import type { LightAbortSignal } from '../../time/light-abort.ts';
import { JUDGE_MS, PROGRAM, type Message, type Request, type Verdict } from './worker.ts';

/** How long a thread may take to begin. On a busy machine this takes seconds, and is no fault of the app. */
const BEGIN_MS = 10_000;
const NOT_BEGUN: Verdict = { unable: `its thread did not start within ${BEGIN_MS / 1_000} s` };

/** Enough for the texts of one answer; bounds the worker's memory. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

/** One question in the queue or in work. */
interface Job extends Request {
  readonly settle: (verdict: Verdict) => void;
}

/** One question to the judge. */
interface Question extends Request {
  /** True where its expression was slow before: it waits behind all others. */
  readonly isSuspect: boolean;
}

/**
 * Judges users' expressions in one worker thread, one at a time: an expression that takes forever costs its
 * own app a sample, and others nothing. The thread starts with the first question, so a monitor without such
 * expressions has none. It does not keep the process alive.
 */
export class ExpressionJudge {
  readonly #clean: Job[] = [];
  readonly #suspect: Job[] = [];
  #worker: Worker | null = null;
  #current: Job | null = null;
  #deadline: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  /** Applies the expression to the texts; `aborted` as soon as the signal aborts. Never rejects. */
  judge(
    { isSuspect, ...request }: Question,
    signal: LightAbortSignal,
  ): Promise<Verdict | 'aborted'> {
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

  /** Stops the thread. */
  stop(): void {
    this.#drop({ unable: 'the judge was stopped' });
  }

  #next(): void {
    if (this.#current !== null) return;
    const job = this.#clean.shift() ?? this.#suspect.shift();
    if (job === undefined) return;
    this.#current = job;
    this.#waitFor(BEGIN_MS, NOT_BEGUN);
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
    worker.on('message', (message: Message) => {
      if (worker !== this.#worker) return;
      if (message === 'begun') this.#waitFor(JUDGE_MS, 'slow');
      else this.#settle(message);
    });
    const lose = (reason: string): void => {
      if (worker === this.#worker) this.#drop({ unable: reason });
    };
    worker.on('error', (error) => lose(messageOf(error)));
    worker.on('exit', () => lose('the thread that judges expressions ended'));
    // After the listeners, because Node takes a reference again with each new listener.
    worker.unref();
    return worker;
  }

  /** Terminates the worker; the next question gets a new one. */
  #drop(verdict: Verdict): void {
    const worker = this.#worker;
    this.#worker = null;
    void worker?.terminate();
    this.#settle(verdict);
  }

  /** Waits for an answer. After a lag of ours the answer may already be there, so it is read first. */
  #waitFor(ms: number, otherwise: Verdict): void {
    this.#stopWaiting();
    this.#deadline = setTimeout(() => {
      this.#turn = setImmediate(() => this.#drop(otherwise));
    }, ms);
  }

  #stopWaiting(): void {
    clearTimeout(this.#deadline);
    clearImmediate(this.#turn);
  }

  #settle(verdict: Verdict): void {
    this.#stopWaiting();
    const job = this.#current;
    this.#current = null;
    job?.settle(verdict);
    this.#next();
  }
}
