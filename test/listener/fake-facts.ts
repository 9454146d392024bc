import type { ListenerFacts } from '../../src/listener/facts.ts';
import type { KnownIncident } from '../../src/listener/incident-reader.ts';
import { statusDocument } from '../../src/report/status.ts';
import type { TargetView } from '../../src/report/view.ts';
import { unknownUptime } from '../../src/uptime/figures.ts';
import type { State } from '../../src/verdict/state.ts';
import { FakeClock } from '../support/fake-clock.ts';

const RUNNING = { status: 'online', hasAnswered: true };

/** A view with all that the listener's own routes read. */
export function viewIn(
  state: object,
  {
    name = 'web',
    last = null as string | null,
    failure = 'status',
    process = RUNNING,
    pending = null as object | null,
  } = {},
): TargetView {
  const view = {
    name,
    instance: 0,
    verdict: { state: state as State, since: 500, process, pending },
    last: last === null ? null : { kind: last, class: failure },
    uptime: unknownUptime(0),
  };
  return view as unknown as TargetView; // the rest is not read
}

/** Facts about a few targets. */
export function factsOf(
  views: readonly TargetView[],
  more: Partial<ListenerFacts> & { readonly known?: readonly KnownIncident[] } = {},
): ListenerFacts {
  const clock = new FakeClock();
  const document = statusDocument(
    { version: '1', pid: 1, beganAt: 0, leading: null, problems: [] },
    [],
    [],
    clock,
  );
  return {
    clock,
    status: () => document,
    views: () => views,
    viewsOf: (name) => views.filter((view) => view.name === name),
    hasLooked: () => true,
    metrics: () => '',
    unfit: () => null,
    incidents: () => Promise.resolve(more.known ?? []),
    ...more,
  };
}
