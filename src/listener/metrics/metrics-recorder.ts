import type { HostFigures } from '../../report/host-figures.ts';
import type { LeadingFacts } from '../../report/status.ts';
import type { TargetView } from '../../report/view.ts';
import type { MonitorEvent, Viewed } from '../../report/worker-events.ts';
import type { Clock } from '../../time/clock.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import { exposition, type Format } from './exposition.ts';
import { familiesOf, type MetricFacts } from './families.ts';
import { Tally } from './tally.ts';
import type { MeteredTarget } from './metered-target.ts';
import { labelText } from './label-text.ts';

/** Counts what the leader's workers report, and writes it in the formats of Prometheus. */
export class MetricsRecorder {
  readonly #clock: Clock;
  readonly #facts: () => MetricFacts;
  readonly #views: () => readonly TargetView[];
  readonly #since: number;
  /** By worker, so that a probe costs one look-up and no text is made for it. */
  readonly #tallies = new WeakMap<Viewed, Tally>();
  /** By its labels. */
  readonly #byKey = new Map<string, Tally>();

  /** Neither `facts` nor `views` may throw. */
  constructor(clock: Clock, facts: () => MetricFacts, views: () => readonly TargetView[]) {
    this.#clock = clock;
    this.#facts = facts;
    this.#views = views;
    this.#since = clock.wall();
  }

  /** Counts one event. */
  readonly onEvent = (event: MonitorEvent): void => {
    if (event.type === 'sample') {
      const { sample } = event;
      if (sample.kind === 'unknown') return;
      const failure = sample.kind === 'fail' ? sample.class : null;
      this.#ofWorker(event.target).onSample(sample.kind, sample.durationMs, failure);
    } else if (event.type === 'executed') {
      if (!event.isRepeated) this.#of(event.view).onRestart(event.execution.result);
    } else if (event.type === 'decision') {
      const { view, decision } = event;
      if (decision.type === 'incidentOpened') this.#of(view).onIncident(decision.incident.cause);
      this.#of(view).onRestartsSeen(view);
    }
  };

  /** The text of `/metrics`. */
  text(format: Format): string {
    const now = this.#clock.now();
    const targets = new Map<string, MeteredTarget>();
    for (const view of this.#views()) {
      const key = keyOf(view);
      const tally = this.#of(view);
      tally.onRestartsSeen(view);
      // Two series with the same labels would make Prometheus refuse the whole answer: the worse one is shown.
      const shown = targets.get(key);
      if (shown !== undefined && !isWorse(view, shown.view)) continue;
      targets.set(key, { view, tally });
    }
    for (const { view, tally } of targets.values()) tally.onTime(view, now);
    // The series of an app end with the app.
    for (const key of this.#byKey.keys()) if (!targets.has(key)) this.#byKey.delete(key);
    const metered = [...targets.values()];
    return exposition(familiesOf(this.#facts(), metered, this.#since, this.#clock), format);
  }

  #ofWorker(worker: Viewed): Tally {
    const known = this.#tallies.get(worker);
    if (known !== undefined) return known;
    const tally = this.#of(worker.view());
    this.#tallies.set(worker, tally);
    return tally;
  }

  #of(view: TargetView): Tally {
    const key = keyOf(view);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    // Prometheus may rename `instance`: it has a label of that name for each server.
    const labels = labelText({ app: sanitizeLine(view.name), instance: String(view.instance) });
    const tally = new Tally(labels, this.#clock.now(), this.#clock.wall());
    this.#byKey.set(key, tally);
    return tally;
  }
}

/** Whether an app is worse off than another one: an incident, then no good answer. */
function isWorse(one: TargetView, other: TargetView): boolean {
  const [badly, less] = [one, other].map(
    ({ verdict, last }) => (verdict.incident === null ? 0 : 2) + (last?.kind === 'fail' ? 1 : 0),
  );
  return (badly ?? 0) > (less ?? 0);
}

/** A recorder for a leader, with what is not the leader's own. */
export function createRecorder(
  clock: Clock,
  {
    version,
    host,
    loopDelayOf,
  }: Pick<MetricFacts, 'version' | 'loopDelayOf'> & { readonly host: () => HostFigures },
  leader: { facts(): LeadingFacts; views(): readonly TargetView[] },
): MetricsRecorder {
  const facts = (): MetricFacts => {
    const { unfit, lastRoundAt = null, notifications = null } = leader.facts();
    return {
      version,
      unfit,
      lastRoundAt,
      host: host(),
      notifications,
      ...(loopDelayOf && { loopDelayOf }),
    };
  };
  return new MetricsRecorder(clock, facts, () => leader.views());
}

/** By the labels, which differ from name and instance only for a name that no terminal should see. */
function keyOf({ name, instance }: TargetView): string {
  return `${instance} ${sanitizeLine(name)}`;
}
