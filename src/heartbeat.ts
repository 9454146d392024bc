// Runs within the user's app: it imports nothing, and must never crash the app.

/** How a heartbeat is sent. */
export interface HeartbeatSettings {
  /** Milliseconds between two heartbeats; a fifth of `heartbeat` in the app's block is a good value. */
  readonly everyMs?: number;
}

/** The message, in the form that PM2's daemon passes on: with a type, which names the event, and data. */
const BEAT = { type: 'liveness:beat', data: {} };

const USUAL_MS = 1_000;
const LEAST_MS = 50;

/**
 * Sends heartbeats to the monitor over the channel to PM2, the first one at once; returns a function that
 * stops this. Does nothing in a worker thread, or where PM2 does not run the process. Never throws, and does
 * not keep the process alive. A bad `everyMs` counts as 1000.
 */
export function startHeartbeat({ everyMs = USUAL_MS }: HeartbeatSettings = {}): () => void {
  let isUnderWay = false;
  const beat = (): void => {
    // One message at a time, because a daemon that does not read must not fill our memory.
    if (isUnderWay || process.send === undefined || !process.connected) return;
    isUnderWay = true;
    try {
      process.send(BEAT, undefined, undefined, () => {
        isUnderWay = false;
      });
    } catch {
      // The channel has just closed: the daemon is gone.
      isUnderWay = false;
    }
  };
  const isGood = Number.isFinite(everyMs) && everyMs >= LEAST_MS;
  const timer = setInterval(beat, isGood ? everyMs : USUAL_MS);
  timer.unref();
  beat();
  return () => clearInterval(timer);
}
