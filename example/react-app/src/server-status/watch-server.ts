import { wallNow } from '../time/wall-clock.ts';
import { pingServer } from './ping-server.ts';
import type { Sample } from './sample.ts';

const PERIOD_MS = 1000;

/** Samples the server until the returned function is called; a check begins when the last has ended. */
export function watchServer(onSample: (sample: Sample) => void): () => void {
  let ping = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  const check = async (): Promise<void> => {
    ping = new AbortController();
    const sample = await pingServer(ping.signal);
    if (isStopped) return;
    if (sample !== undefined) onSample(sample);
    timer = setTimeout(() => void check(), PERIOD_MS);
  };

  // A reload kills the request under way, which would look like a dead server.
  const onLeave = (): void => ping.abort();

  // Vite closes its socket as it goes down: this catches a restart too short for our checks.
  const onDisconnect = (): void => {
    onSample({ askedAt: wallNow(), tookMs: 0, failure: 'closed' });
  };

  window.addEventListener('beforeunload', onLeave);
  import.meta.hot?.on('vite:ws:disconnect', onDisconnect);
  void check();

  return () => {
    isStopped = true;
    ping.abort();
    clearTimeout(timer);
    window.removeEventListener('beforeunload', onLeave);
    import.meta.hot?.off('vite:ws:disconnect', onDisconnect);
  };
}
