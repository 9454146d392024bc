/** What is asked: the success, the start of a monitor, a failure, a note that changes nothing. */
export type PingKind = 'ok' | 'start' | 'fail' | 'log';

/**
 * The URL for one kind of ping; null where the service has none for it. Two conventions: a path that `/start`,
 * `/fail` and `/log` follow (Healthchecks), and a query with `status=up` (Uptime Kuma).
 */
export function pingUrl(base: string, kind: PingKind, reason: string): string | null {
  if (kind === 'ok') return base;
  const url = new URL(base);
  if (url.searchParams.has('status')) {
    if (kind !== 'fail') return null;
    url.searchParams.set('status', 'down');
    url.searchParams.set('msg', reason);
    return url.href;
  }
  url.pathname += url.pathname.endsWith('/') ? kind : `/${kind}`;
  return url.href;
}
