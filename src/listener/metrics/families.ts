import type { HostFigures } from '../../report/host-figures.ts';
import type { NotifyStatus } from '../../report/notify-status.ts';
import type { LoopDelayFigures } from '../../report/loop-delay.ts';
import type { TargetView } from '../../report/view.ts';
import type { Clock } from '../../time/clock.ts';
import { counter, gauge, single, type Family } from './family.ts';
import { labelText } from './label-text.ts';
import type { MeteredTarget } from './metered-target.ts';
import { targetCounters } from './target-counters.ts';
import { loopGauges } from './loop-gauges.ts';
import { targetGauges } from './target-gauges.ts';

/** What the families are made of, at one moment. */
export interface MetricFacts {
  readonly version: string;
  /** Why the monitor cannot judge now; null while it can. */
  readonly unfit: string | null;
  /** When PM2's list was read last, monotonic milliseconds; null before the first time. */
  readonly lastRoundAt: number | null;
  readonly host: HostFigures;
  /** Null where nobody gets messages about incidents. */
  readonly notifications: NotifyStatus | null;
  /** How late the event loop of a target with the agent was; null for any other. */
  readonly loopDelayOf?: (view: TargetView) => LoopDelayFigures | null;
}

/** All families of `/metrics`, by the names of docs/FACTS.md, "Prometheus"; counted from `since` on, epoch milliseconds. */
export function familiesOf(
  facts: MetricFacts,
  targets: readonly MeteredTarget[],
  since: number,
  clock: Clock,
): Family[] {
  const { unfit, lastRoundAt } = facts;
  const now = clock.now();
  const secondsOf = (time: number): number => (clock.wall() - now + time) / 1_000;
  return [
    buildInfo(facts.version),
    gauge('start_timestamp_seconds', 'Since when is counted here.', single(since / 1_000)),
    // The leader alone listens.
    gauge('leader', '1 for the monitor that leads its PM2_HOME.', single(1)),
    gauge('fit', '1 while the monitor can judge the apps.', single(unfit === null ? 1 : 0)),
    gauge(
      'last_round_timestamp_seconds',
      "When PM2's list was read last.",
      single(lastRoundAt === null ? null : secondsOf(lastRoundAt)),
    ),
    ...targetGauges(targets, now, secondsOf),
    ...loopGauges(targets, facts.loopDelayOf ?? (() => null)),
    ...targetCounters(targets, since),
    ...hostFamilies(facts.host),
    ...notifyFamilies(facts.notifications, since),
  ];
}

function buildInfo(version: string): Family {
  const labels = labelText({ version, node: process.versions.node });
  const points = [{ labels, value: 1 }];
  return {
    ...gauge('build_info', 'The versions of pm2-liveness and of Node.', points),
    type: 'info',
  };
}

function hostFamilies({ daemonBytes, listMs, freeBytes, isSavedListStale }: HostFigures): Family[] {
  return [
    gauge(
      'daemon_resident_memory_bytes',
      'Memory of the PM2 daemon, read every three minutes.',
      single(daemonBytes),
    ),
    gauge(
      'daemon_rpc_seconds',
      "How long PM2's list takes: the median of the last nine.",
      single(listMs === null ? null : listMs / 1_000),
    ),
    gauge(
      'saved_list_stale',
      "1 while apps run that are not in PM2's saved list.",
      single(isSavedListStale ? 1 : 0),
    ),
    gauge(
      'disk_free_bytes',
      "Room on the fullest of the disks of PM2 and of the apps' logs.",
      single(freeBytes),
    ),
  ];
}

function notifyFamilies(status: NotifyStatus | null, since: number): Family[] {
  const channels = status?.channels ?? [];
  return [
    counter(
      'notifications',
      'Messages about incidents that a channel took, and attempts that failed.',
      since,
      channels.flatMap(({ name: channel, sent, failed }) => [
        { labels: labelText({ channel, result: 'sent' }), value: sent },
        { labels: labelText({ channel, result: 'failed' }), value: failed },
      ]),
    ),
    gauge(
      'notifications_waiting',
      'Messages that wait to be sent.',
      channels.map(({ name: channel, waiting }) => {
        return { labels: labelText({ channel }), value: waiting };
      }),
    ),
  ];
}
