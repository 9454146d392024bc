import type { TargetConfig } from '../../config/target-config.ts';
import type { Sample } from '../../probe/probe.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import type { IncarnationId } from '../../verdict/process.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import { ProbeSession } from './probe-session.ts';
import { BrokenProbes } from './broken-probes.ts';
import { isSilence, type Ruling } from '../../diagnosis/eviction.ts';
import { CertificateFile } from '../../diagnosis/certificate-file.ts';
import type { Diagnosis, Diagnoser, Orphan } from '../../diagnosis/diagnose.ts';
import { BlockJudge } from '../../diagnosis/block/block-judge.ts';
import type { RememberedProof } from '../../diagnosis/block/proven-block.ts';
import { confirmationsFor } from './confirmations.ts';
import { JudgingTime } from './judging-time.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { watchSilence } from './silence-watch.ts';
import { SlowWatch } from './slow-watch.ts';
import { Orphans } from '../../diagnosis/orphans.ts';
import type { Observation } from '../../target/observation.ts';
import type { Found } from './restarts.ts';
import type { ExaminedFacts } from './view-of.ts';
import type { WorkerDeps } from './worker-deps.ts';
import { instanceLabel } from '../../text/instance-label.ts';

/** What there is to emit after an answer. */
type Notice = 'memory' | 'slow' | 'certificate';

/** What an earlier monitor knew of the probed server. */
type Remembered = RememberedProof & { readonly certificateReported?: string | null };

/** What an answer means. */
interface Judged {
  readonly isToEnd: Ruling['isToEnd'];
  readonly sample: Sample;
  readonly news: readonly Notice[];
}

/** An answer that is shown and not judged. */
interface Dropped {
  readonly dropped: Sample;
}

/** Whether the answer about an incarnation still matters, and whether it counts. */
export interface Relevance {
  /** True where the incarnation is no longer the present one. */
  readonly isOver: (incarnation: IncarnationId | null) => boolean;
  /** True while answers are shown and not judged. */
  readonly isDropped: (answer: Sample) => boolean;
}

const NO_NEWS: Judged['news'] = [];

/** Probes one target, and diagnoses its answers. */
export class Examiner {
  readonly session: ProbeSession;
  readonly diagnoser: Diagnoser;
  /** How long judging its answers takes. */
  readonly judging: JudgingTime;
  readonly broken = new BrokenProbes();
  readonly #slow = new SlowWatch();
  readonly #certificates: CertificateWatch;
  readonly #certFile: CertificateFile;
  /** The orphans on the app's port. */
  readonly orphans: Orphans;
  /** Whether the block is right. */
  readonly block: BlockJudge;
  readonly #app: () => Observation;
  readonly #known: { readonly verdict: Verdict };
  readonly #now: () => number;

  /**
   * `app` gives what PM2 says about the target now, `known` has the verdict on it, and `restored` is what an
   * earlier monitor knew of its block, which `config` has now.
   */
  constructor(
    deps: WorkerDeps,
    app: () => Observation,
    known: { readonly verdict: Verdict },
    { restored, config }: { restored: Remembered | null; config: TargetConfig },
  ) {
    const { clock, selfCheck, heartbeatOf, runAs } = deps;
    this.#app = app;
    this.#known = known;
    this.#now = () => clock.now();
    this.diagnoser = deps.createDiagnoser();
    const wall = (): number => clock.wall();
    this.orphans = new Orphans({ diagnoser: this.diagnoser, needOf: deps.needOf, wall });
    this.block = new BlockJudge(restored, config);
    this.#certFile = new CertificateFile(deps);
    this.#certificates = new CertificateWatch(wall, restored?.certificateReported);
    const label = (): string => sanitizeLine(instanceLabel(app().name, app().instance));
    this.judging = new JudgingTime(label, selfCheck);
    const noteJudging = (ms: number): void => this.judging.note(ms);
    const lookForStop = () => this.diagnoser.lookForStop(app(), deps.appPids);
    this.session = new ProbeSession(
      clock,
      heartbeatOf,
      () => runAs(app()),
      noteJudging,
      (silence) =>
        void watchSilence(silence, lookForStop, clock).catch((error: unknown) =>
          deps.emit({ type: 'bug', error }),
        ),
    );
  }

  /**
   * Probes `incarnation` and diagnoses the answer. An answer that is dropped is shown but not diagnosed.
   * Null where the result no longer matters. Where somebody else answered it probes once more; if that
   * happens again, nothing is known about the app.
   */
  async examine(
    config: TargetConfig,
    incarnation: IncarnationId,
    relevance: Relevance,
  ): Promise<Diagnosis | Dropped | null> {
    const answer = this.judging.counted(await this.#ask(config, incarnation));
    if (relevance.isOver(incarnation)) return null;
    if (relevance.isDropped(answer)) return { dropped: answer };
    return (
      this.diagnoser.takeGood(this.#app(), config, answer) ??
      this.#lookInto(answer, config, incarnation, relevance)
    );
  }

  /** Asks at the app's own addresses. The answer is still to be `counted`. */
  #ask(config: TargetConfig, incarnation: IncarnationId): Promise<Sample> {
    const { verdict } = this.#known;
    const { needsDeep } = verdict.memory;
    const more = confirmationsFor(verdict, config);
    return this.session.ask(config, incarnation, this.diagnoser.only, needsDeep, more);
  }

  /** Diagnoses an answer with a look at the system. */
  async #lookInto(
    answer: Sample,
    config: TargetConfig,
    incarnation: IncarnationId,
    { isOver, isDropped }: Relevance,
  ): Promise<Diagnosis | Dropped | null> {
    let seen = await this.diagnoser.diagnose(this.#app(), config, answer);
    if (isOver(incarnation)) return null;
    if (seen.isElsewhere) {
      const again = this.judging.counted(await this.#ask(config, incarnation));
      if (isOver(incarnation)) return null;
      if (isDropped(again)) return { dropped: again };
      seen = await this.diagnoser.diagnose(this.#app(), config, again);
      if (isOver(incarnation)) return null;
    }
    seen = await this.#explain(seen, config);
    if (isOver(incarnation)) return null;
    return isDropped(seen.sample) ? { dropped: seen.sample } : seen;
  }

  /** Adds why nobody listens, where nobody does, and what an expired certificate means. */
  async #explain(seen: Diagnosis, config: TargetConfig): Promise<Diagnosis> {
    const { sample } = seen;
    if (seen.debugger !== null || seen.orphan !== null) return seen;
    if (sample.kind === 'ok') this.diagnoser.noteGood(this.#app(), sample.at);
    if (sample.kind !== 'fail') return seen;
    const app = this.#app();
    if (sample.isExpired === true) {
      const { certificate } = this.session;
      return { ...seen, sample: await this.#certFile.judge(app, config, sample, certificate) };
    }
    if (!isSilence(sample)) return seen;
    const isProven = this.block.isProven(config);
    const found =
      sample.class === 'refused'
        ? await this.diagnoser.explainClosedPort(app, config, sample, isProven)
        : { sample };
    const { hasAnswered } = this.#known.verdict.process;
    if (!isSilence(found.sample) || (hasAnswered && sample.class !== 'refused'))
      return { ...seen, ...found };
    const explained = await this.diagnoser.explainSource(app, config, found.sample, hasAnswered);
    return { ...seen, ...found, sample: explained };
  }

  /**
   * Says what an answer means for the present incarnation, and whether to stop an orphan. `news` is what
   * there is to emit: `memory` where the answer has shown that the block is right, which is to be kept.
   */
  judge(seen: Diagnosis, config: TargetConfig): Judged {
    const { bornAt } = this.#known.verdict.process;
    const ageMs = this.#now() - bornAt;
    const ruling = this.orphans.judge(seen, this.#app(), config, ageMs);
    const before = this.block.provenBlock;
    const sample = this.block.judge(ruling.sample, config, ageMs);
    const isProven = this.block.provenBlock !== before;
    const isSlowNews = this.#slow.note(sample, config.slowMs, bornAt);
    const isExpiring = this.#certificates.note(this.session.certificate);
    const isNews = isProven || isSlowNews || isExpiring;
    const news = isNews ? newsOf(isProven, isSlowNews, isExpiring) : NO_NEWS;
    return { isToEnd: ruling.isToEnd, sample, news };
  }

  /**
   * Searches every 5 s for the orphan to stop for an app that PM2 gave up; null in between, and where
   * there is none.
   */
  lookForOrphan(config: TargetConfig): Promise<Orphan | null> {
    const ask = (): Promise<Sample> => this.session.once(config, null);
    return this.orphans.find(this.#app(), config, ask, this.#now());
  }

  /** What an earlier monitor knew was read late. */
  restore(remembered: Pick<Remembered, 'provenBlock' | 'certificateReported'>): void {
    this.block.restore(remembered);
    this.#certificates.restore(remembered.certificateReported);
  }

  /** What it knows that is shown or kept. */
  get known(): ExaminedFacts {
    const { portNote, doing } = this.diagnoser;
    return {
      portNote,
      doing,
      background: this.orphans.background,
      provenBlock: this.block.provenBlock,
      slow: this.#slow.slow,
      certificate: this.#certificates.expiring,
      certificateReported: this.#certificates.reported,
      tlsNotAfter: this.session.certificate?.notAfter ?? null,
    };
  }

  /** What a restart takes into account. */
  get found(): Found {
    return { orphan: this.orphans.next, ...this.diagnoser.cannotEnd };
  }

  /** Probes once outside the interval; nothing is kept of the answer. */
  once(app: Observation, config: TargetConfig, incarnation: IncarnationId | null): Promise<Sample> {
    return this.diagnoser.once(app, config, (only) => this.session.once(config, incarnation, only));
  }
}

function newsOf(isProven: boolean, isSlowNews: boolean, isExpiring: boolean): readonly Notice[] {
  const news: Notice[] = [];
  if (isSlowNews) news.push('slow');
  if (isExpiring) news.push('certificate');
  if (isProven || isExpiring) news.push('memory');
  return news;
}
