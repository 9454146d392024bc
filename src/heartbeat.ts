// What an app takes into its own process: it imports nothing, and must never be what ends the app.

/** How a heartbeat is sent. */
export interface HeartbeatSettings {
  /** From one to the next, in milliseconds; a fifth of what `heartbeat` in the app's block promises is good. */
  readonly everyMs?: number;
}

/** The message as PM2's daemon passes it on: it needs a type, which names the event, and some data. */
const BEAT = { type: 'liveness:beat', data: {} };

const USUAL_MS = 1_000;
const LEAST_MS = 50;

/**
 * Tells the monitor again and again that this process is alive, over the channel to PM2, the first
 * time at once; gives the way to stop. Does nothing where no PM2 runs the process or in a worker
 * thread, never throws and keeps no process alive. An `everyMs` that is no good counts as 1000.
 */
export function startHeartbeat({ everyMs = USUAL_MS }: HeartbeatSettings = {}): () => void {
  let isUnderWay = false;
  const beat = (): void => {
    // A daemon that does not read must not fill our memory: one is on its way at a time.
    if (isUnderWay || process.send === undefined || !process.connected) return;
    isUnderWay = true;
    try {
      process.send(BEAT, undefined, undefined, () => {
        isUnderWay = false;
      });
    } catch {
      // A channel that has just closed: the daemon is gone, and with it who would hear.
      isUnderWay = false;
    }
  };
  const isGood = Number.isFinite(everyMs) && everyMs >= LEAST_MS;
  const timer = setInterval(beat, isGood ? everyMs : USUAL_MS);
  timer.unref();
  beat();
  return () => clearInterval(timer);
}
