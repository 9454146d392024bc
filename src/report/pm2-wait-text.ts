import type { Pm2Wait } from '../target/observation.ts';
import { durationText } from '../text/duration-text.ts';
import type { TargetView } from './view.ts';

/** A stop that has only begun has no time of its own. */
const BEGUN_MS = 1_000;
/** A process that answers may still be about to send its ready message. */
const READY_SOON_MS = 2_000;

/** `PM2 has been stopping it for 3s, and sends SIGKILL after its kill_timeout (12s)`; `now` is monotonic. */
export function stoppingText(
  wait: Extract<Pm2Wait, { readonly type: 'stopping' }>,
  now: number,
): string {
  const limit = `its kill_timeout (${durationText(wait.killTimeoutMs)})`;
  const ms = now - wait.since;
  if (ms < BEGUN_MS) return `PM2 is stopping it, and sends SIGKILL after ${limit}`;
  const lasts = `PM2 has been stopping it for ${durationText(ms)}`;
  return now > wait.overdueAt
    ? `${lasts}, longer than ${limit}: SIGKILL has not ended it yet`
    : `${lasts}, and sends SIGKILL after ${limit}`;
}

/** The same for a target, with `between` before it; empty where PM2 stops nothing. */
export function stopText({ pm2Wait, verdict }: TargetView, between: string): string {
  return pm2Wait?.type === 'stopping' ? between + stoppingText(pm2Wait, verdict.at) : '';
}

/** What to do about a ready message that does not come; empty where PM2 does not wait for one. */
export function readyText({ pm2Wait, verdict }: TargetView): string {
  const { state, process, at } = verdict;
  if (pm2Wait?.type === 'unready') return unreadyText(pm2Wait);
  if (pm2Wait?.type !== 'ready') return '';
  if (state.name === 'healthy' && at - process.bornAt < READY_SOON_MS) return '';
  const until = durationText(pm2Wait.listenTimeoutMs);
  const barred = state.name === 'failing' ? ', and it is not restarted before' : '';
  return `; PM2 waits ${until} (listen_timeout) for its ready message${barred}: call process.send('ready') when it listens, or remove wait_ready`;
}

/** What PM2 does not say: that it called an app online without its ready message. */
function unreadyText({
  listenTimeoutMs,
  afterMs,
}: Extract<Pm2Wait, { readonly type: 'unready' }>): string {
  const until = `${durationText(listenTimeoutMs)} (listen_timeout)`;
  return afterMs === null
    ? `; wait_ready: the app never sent 'ready', PM2 waited ${until} and then called it online: call process.send('ready') when it listens, or remove wait_ready`
    : `; wait_ready: the app sent 'ready' ${durationText(afterMs)} after its start, PM2 waited only ${until}: raise listen_timeout`;
}

/** Says that PM2 starts a stopped app by itself; empty where it does not. */
export function cronText({ pm2Wait }: TargetView): string {
  return pm2Wait?.type === 'cron' ? `; PM2 starts it at its cron_restart (${pm2Wait.pattern})` : '';
}
