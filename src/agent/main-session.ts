import { Session } from 'node:inspector';
import { isFields, type Fields } from '../text/fields.ts';
import type { ProfileNode, RunningFrame } from './profile.ts';
import { MOST_FRAMES } from './shapes.ts';

/** Half a millisecond between two samples: a short profile still has a hundred. */
const INTERVAL_US = 500;

/** The answer to a message, or null where it came too late or was refused. */
type Reply = Record<string, unknown> | null;

/** A main thread that can be paused is within this time. */
const PAUSE_MS = 400;

/** The text of source maps in the scripts of an app that is kept meanwhile. */
const MOST_MAP_CHARS = 16 * 1024 * 1024;

/** Far more than any app has. */
const MOST_SCRIPTS = 50_000;

/** What is used of `Debugger.CallFrame`; lines from 0. */
interface CallFrame {
  readonly functionName: string;
  readonly location: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber?: number | undefined;
  };
}

/**
 * Asks V8's inspector in the main thread, from this thread and without a port. The main thread takes a message
 * between two of its own instructions, also in an endless loop, but not in a system call.
 */
export class MainSession {
  readonly #session = new Session();
  readonly #until: number;
  /** The URLs of scripts, by their ids. */
  readonly #scripts = new Map<string, string>();
  readonly #mapUrls = new Map<string, string>();

  /** Everything is over at `until`, on this thread's `performance.now()`. */
  constructor(until: number) {
    this.#until = until;
    this.#session.connectToMainThread();
  }

  /** The nodes of a profile of `ms`; null where the main thread runs no JavaScript until the deadline. */
  async profile(ms: number): Promise<readonly ProfileNode[] | null> {
    void this.#send('Profiler.enable');
    void this.#send('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    if ((await this.#send('Profiler.start')) === null) return null;
    await new Promise((resolve) => setTimeout(resolve, ms));
    const reply = await this.#send('Profiler.stop');
    // V8's own form (Profiler.Profile of the protocol).
    const profile = reply?.['profile'] as { readonly nodes?: readonly ProfileNode[] } | undefined;
    return profile?.nodes ?? null;
  }

  /**
   * The stack of a main thread that is blocked: it is paused and at once goes on. Null where it cannot be paused in
   * time (a regular expression, a system call), and where a person's debugger holds it.
   */
  async stack(): Promise<readonly RunningFrame[] | null> {
    let takePause: (frames: readonly CallFrame[]) => void = () => undefined;
    let isHeld = false;
    const paused = new Promise<readonly CallFrame[] | null>((resolve) => {
      const timer = setTimeout(() => resolve(null), PAUSE_MS);
      takePause = (frames) => {
        clearTimeout(timer);
        resolve(frames);
      };
    });
    this.#session.on('Debugger.paused', ({ params }) => {
      isHeld = true;
      takePause(params.callFrames);
    });
    this.#noteScripts();
    // Where it is paused already, a person did that, and only they end it.
    if ((await this.#send('Debugger.enable')) === null || isHeld) return null;
    void this.#send('Debugger.pause');
    const frames = await paused;
    if (frames !== null) await this.#send('Debugger.resume');
    // A pause that has not come yet is called off.
    await this.#send('Debugger.disable');
    return frames?.slice(0, MOST_FRAMES).map((frame) => this.#runningFrame(frame)) ?? null;
  }

  /** What V8 uses of its heap, and what the process has outside of it; null where the main thread does not answer. */
  async memory(): Promise<{
    readonly usedBytes: number;
    readonly externalBytes: number | null;
  } | null> {
    const usage = await this.#send('Runtime.getHeapUsage');
    if (typeof usage?.['usedSize'] !== 'number') return null;
    const expression = 'process.memoryUsage().external';
    const found = await this.#send('Runtime.evaluate', { expression, returnByValue: true });
    return { usedBytes: usage['usedSize'], externalBytes: numberIn(found) };
  }

  /**
   * Calls a function with an array of all objects of the heap, and gives the text that it returns. All garbage is
   * collected first. Null where it takes too long.
   */
  async withObjects(declaration: string): Promise<string | null> {
    const objectGroup = 'pm2-liveness';
    const idIn = (reply: Reply, key: string): unknown => fieldsIn(reply?.[key])['objectId'];
    try {
      const expression = 'Object.prototype';
      const root = await this.#send('Runtime.evaluate', { expression, objectGroup });
      const prototypeObjectId = idIn(root, 'result');
      const all = await this.#send('Runtime.queryObjects', { prototypeObjectId, objectGroup });
      const objectId = idIn(all, 'objects');
      const call = {
        objectId,
        functionDeclaration: declaration,
        arguments: [{ objectId }],
        returnByValue: true,
      };
      const text = fieldsIn((await this.#send('Runtime.callFunctionOn', call))?.['result'])[
        'value'
      ];
      return typeof text === 'string' ? text : null;
    } finally {
      void this.#send('Runtime.releaseObjectGroup', { objectGroup });
    }
  }

  /** Gives `take` a heap snapshot piece by piece; false where it takes too long. `take` may throw, and is heard no more. */
  async snapshot(take: (piece: string) => void): Promise<boolean> {
    this.#session.on('HeapProfiler.addHeapSnapshotChunk', ({ params }) => take(params.chunk));
    return (await this.#send('HeapProfiler.takeHeapSnapshot')) !== null;
  }

  /** Where a script that was seen names its source map; what runs from memory is known here alone. */
  get mapUrls(): ReadonlyMap<string, string> {
    return this.#mapUrls;
  }

  #noteScripts(): void {
    let chars = 0;
    this.#session.on('Debugger.scriptParsed', ({ params }) => {
      const { scriptId, url, sourceMapURL } = params;
      if (this.#scripts.size < MOST_SCRIPTS) this.#scripts.set(scriptId, url);
      if (!sourceMapURL || chars + sourceMapURL.length > MOST_MAP_CHARS) return;
      chars += sourceMapURL.length;
      this.#mapUrls.set(url, sourceMapURL);
    });
  }

  #runningFrame({ functionName, location }: CallFrame): RunningFrame {
    return {
      name: functionName === '' ? '(anonymous)' : functionName,
      url: this.#scripts.get(location.scriptId) ?? '',
      line: location.lineNumber + 1,
      column: location.columnNumber ?? null,
    };
  }

  /** Takes everything back. Idempotent; never throws. */
  end(): void {
    try {
      this.#session.disconnect();
    } catch {
      // The main thread is ending.
    }
  }

  #send(method: string, params: object = {}): Promise<Reply> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), Math.max(1, this.#until - performance.now()));
      try {
        this.#session.post(method, params, (error: Error | null, result?: object) => {
          clearTimeout(timer);
          resolve(error === null ? { ...result } : null);
        });
      } catch {
        clearTimeout(timer);
        resolve(null);
      }
    });
  }
}

function fieldsIn(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The number that an expression gave. */
function numberIn(reply: Reply): number | null {
  const value = fieldsIn(reply?.['result'])['value'];
  return typeof value === 'number' ? value : null;
}
