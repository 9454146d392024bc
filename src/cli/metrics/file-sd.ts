import type { ListenerStatus } from '../../report/listener-status.ts';
import { badValue } from '../../config/bad-value.ts';
import { splitAddress, parseHost, parsePort } from '../../config/schema/address.ts';
import { urlHost } from '../../text/url-host.ts';

/** One group of targets, as Prometheus reads them from a file of `file_sd_configs`. */
export interface TargetGroup {
  /** `host:port`. */
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Addresses that mean every address of a machine, and lead nowhere from another one. */
const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '[::]']);

/**
 * The listener as a target, with the label `host` and those that are given, which may name another `host`. `reachedBy` is how Prometheus reaches this machine, with a port or
 * without; by default the address in use, or the machine's name where that is every address. Throws ERR_CONFIG.
 */
export function fileSd(
  { url }: ListenerStatus,
  machine: string,
  reachedBy: string | undefined,
  labels: readonly string[] = [],
): readonly TargetGroup[] {
  const { hostname, port, host } = new URL(url);
  const own = ANY.has(hostname) ? `${machine}:${portOf(url, port)}` : host;
  const target = reachedBy === undefined ? own : addressOf(reachedBy, portOf(url, port));
  return [{ targets: [target], labels: { host: machine, ...labelsOf(labels) } }];
}

/** A URL leaves out the port that it has by default. */
function portOf(url: string, port: string): string {
  return port === '' ? url.slice(url.lastIndexOf(':') + 1) : port;
}

function addressOf(text: string, port: string): string {
  const hasPort = /:\d+$/.test(text) && (text.startsWith('[') || text.split(':').length === 2);
  if (!hasPort) return `${urlHost(parseHost(text))}:${port}`;
  const given = splitAddress(text);
  return `${urlHost(parseHost(given.host))}:${parsePort(given.port)}`;
}

/** `cluster=shop` as a label; Prometheus drops those that begin with two underscores. */
function labelsOf(texts: readonly string[]): Record<string, string> {
  const labels = texts.map((text) => {
    const [, name, value] = /^((?!__)[A-Za-z_]\w*)=(.+)$/s.exec(text) ?? [];
    if (name !== undefined && value !== undefined) return [name, value];
    throw badValue(text, "write a label of Prometheus and its value, like 'cluster=shop'");
  });
  return Object.fromEntries(labels) as Record<string, string>;
}
