import type { ProbeOptions } from '../../probe/probe.ts';
import { urlHost } from '../../text/url-host.ts';
import { formatDuration } from '../../config/schema/durations.ts';
import { formatSize } from '../../config/schema/sizes.ts';
import type { TargetConfig } from '../../config/target-config.ts';
import type { ExportedApp } from './exported-app.ts';

/** The arguments of `pm2-liveness check` that probe the same; null where it cannot. */
export function checkWords(probe: ProbeOptions, timeoutMs: number): readonly string[] | null {
  const words = targetWords(probe);
  return words === null ? null : ['check', ...words, '--timeout', formatDuration(timeoutMs)];
}

function targetWords(probe: ProbeOptions): readonly string[] | null {
  switch (probe.type) {
    case 'http':
      return probe.socket === undefined ? [probe.url] : null;
    case 'vite':
      return ['--vite', probe.url];
    case 'websocket':
      return probe.socket === undefined ? [probe.url] : null;
    case 'tcp':
      return [probe.socket ?? `tcp://${urlHost(probe.host)}:${probe.port}`];
    case 'exec':
    case 'heartbeat':
      return null;
  }
}

/** The headers that a check by URL does not send; nothing where there are none. */
export function headerLosses(probe: ProbeOptions): readonly string[] {
  if (probe.type !== 'http' && probe.type !== 'websocket') return [];
  const names = Object.keys(probe.headers).join(', ');
  return names === '' ? [] : [`headers (${names}): not sent`];
}

/** What else a plain check of the same address does not look at, one sentence each. */
export function probeLosses(probe: ProbeOptions): readonly string[] {
  if (probe.type === 'heartbeat') {
    return ['heartbeat: nobody asks for it here; give the app a page to be asked for'];
  }
  if (probe.type !== 'http') return [];
  const { method, body, bodyNot } = probe;
  return [
    ...(method === 'GET' ? [] : [`method: ${method} becomes GET`]),
    ...(body === undefined && bodyNot === undefined ? [] : ['body, bodyNot: the text is not read']),
  ];
}

/** What this module does and no other supervisor has, with its value for the app. */
export function judgementLosses(config: TargetConfig): readonly string[] {
  const { policy, maxTreeMemoryBytes, dependsOn } = config;
  const { busyGraceMs, restarts } = policy;
  return [
    `busyGrace (${formatDuration(busyGraceMs)}): an app that is busy is restarted like one that hangs`,
    `restarts (${restarts.limit} in ${formatDuration(restarts.withinMs)}, then a pause of ${formatDuration(restarts.cooldownMs)} and one trial): no budget and no breaker as here`,
    'degraded: a page whose source is broken, or a block that is wrong, is restarted again and again',
    'orphans and impostors: who holds the port is not looked at',
    ...(maxTreeMemoryBytes === null
      ? []
      : [`maxTreeMemory (${formatSize(maxTreeMemoryBytes)}): a limit that kills takes its place`]),
    ...(dependsOn ? ['dependsOn: it is restarted also while what it needs is down'] : []),
  ];
}

/** The variables whose values may be secrets, and where they belong; nothing where there are none. */
export function variableLosses({ otherVariables }: ExportedApp, place = ''): readonly string[] {
  const names = otherVariables.join(', ');
  return names === '' ? [] : [`variables without their values: ${names}${place && ` (${place})`}`];
}

/** Whole seconds, as the other supervisors count. */
export function secondsOf(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}
