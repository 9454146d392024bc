import type { Probe, ProbeOptions, Sample } from '../../probe/probe.ts';
import { createProbe } from '../../probe/registry.ts';
import { ProbeRunner } from '../../probe/runner.ts';
import type { Clock } from '../../time/clock.ts';
import type { Gate } from '../gate.ts';
import { Loop } from '../worker/loop.ts';
import type { DependencyState } from './dependency-state.ts';

/** How often a URL is asked that answers, and one that does not. */
const UP_MS = 5_000;
const DOWN_MS = 2_000;

/** How long an answer may take. */
const TIMEOUT_MS = 3_000;

/** More different URLs than this are not asked, and hold nothing. */
const MOST_URLS = 200;

const NOT_ASKED: DependencyState = {
  state: 'unknown',
  word: 'is unknown',
  detail: `not asked: more than ${MOST_URLS} different URLs`,
  askedAt: Number.POSITIVE_INFINITY,
};

/** A URL that apps depend on. */
export interface WatchedUrl {
  readonly key: string;
  readonly probe: ProbeOptions;
}

/** What it takes to ask URLs. */
export interface UrlWatchDeps {
  readonly clock: Clock;
  readonly gate: Gate;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Hears that the state of a URL changed. */
  readonly onChange: (key: string) => void;
}

/** Asks each URL that apps depend on, once for all of these apps. */
export class UrlWatch {
  readonly #deps: UrlWatchDeps;
  readonly #urls = new Map<string, AskedUrl>();
  readonly #leaving = new Set<Promise<void>>();

  constructor(deps: UrlWatchDeps) {
    this.#deps = deps;
  }

  /** Asks these from now on, and no others. */
  follow(urls: readonly WatchedUrl[]): void {
    const wanted = new Set(urls.map(({ key }) => key));
    for (const [key, url] of this.#urls) if (!wanted.has(key)) this.#drop(key, url);
    for (const { key, probe } of urls) {
      if (this.#urls.has(key) || this.#urls.size >= MOST_URLS) continue;
      const url = new AskedUrl(probe, this.#deps, () => this.#deps.onChange(key));
      this.#urls.set(key, url);
      url.start();
    }
  }

  stateOf(key: string): DependencyState {
    return this.#urls.get(key)?.state ?? NOT_ASKED;
  }

  /** Asks now, not when the period is over. */
  askSoon(key: string): void {
    this.#urls.get(key)?.askSoon();
  }

  /** Resolves when nothing is asked any more. Idempotent. */
  async stop(): Promise<void> {
    for (const [key, url] of this.#urls) this.#drop(key, url);
    await Promise.all(this.#leaving);
  }

  #drop(key: string, url: AskedUrl): void {
    this.#urls.delete(key);
    const left = url.stop().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }
}

/** One URL, asked in a loop of its own. */
class AskedUrl {
  readonly #probe: Probe;
  readonly #runner: ProbeRunner;
  readonly #loop: Loop;
  readonly #onChange: () => void;
  #isStopping = false;
  /** Not known to be down before it was asked; who fails meanwhile has it asked first. */
  state: DependencyState = {
    state: 'up',
    word: 'is up',
    detail: 'not asked yet',
    askedAt: Number.NEGATIVE_INFINITY,
  };

  constructor(options: ProbeOptions, { clock, gate, random }: UrlWatchDeps, onChange: () => void) {
    this.#probe = createProbe(options);
    this.#runner = new ProbeRunner(this.#probe, () => clock.now());
    this.#onChange = onChange;
    const run = (): Promise<void> => this.#ask();
    const intervalMs = (): number =>
      (this.state.state === 'down' ? DOWN_MS : UP_MS) * (0.9 + 0.2 * random());
    this.#loop = new Loop({ clock, gate }, { run, intervalMs });
  }

  start(): void {
    this.#loop.start(0);
  }

  askSoon(): void {
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#runner.abort();
    await this.#loop.stop();
    this.#probe.stop();
  }

  async #ask(): Promise<void> {
    const sample = await this.#runner.run(TIMEOUT_MS);
    if (this.#isStopping) return;
    const before = this.state.state;
    this.state = stateOfSample(sample);
    if (before !== this.state.state) this.#onChange();
  }
}

/** An answer that shows only that we ask it wrongly says nothing of whether it is up. */
function stateOfSample(sample: Sample): DependencyState {
  const { kind, detail, at: askedAt } = sample;
  // A server of WebSockets that wants a login answers the handshake with 401, and is up.
  if (kind === 'ok' || isAnswer(sample)) return { state: 'up', word: 'is up', detail, askedAt };
  if (kind === 'unknown' || sample.class === 'misconfig') {
    return { state: 'unknown', word: 'is unknown', detail, askedAt };
  }
  return { state: 'down', word: 'is down', detail, askedAt };
}

/** DESIGN §11: any answer below 500 is one. */
function isAnswer(sample: Sample): boolean {
  return sample.kind === 'fail' && sample.class === 'status' && (sample.status ?? 500) < 500;
}
