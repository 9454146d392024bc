/** A signal to stop: an AbortSignal, or the lighter `LightAbortController`. */
export interface LightAbortSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * An abort signal and its controller in one, made for every probe: Node's pair costs 1 kB and several
 * microseconds, most of the cost of a run beside its socket (docs/PERFORMANCE.md).
 */
export class LightAbortController implements LightAbortSignal {
  aborted = false;
  #listeners: (() => void)[] = [];

  /** Each listener is called once; one that is added after the abort is never called. */
  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.aborted) this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const index = this.#listeners.indexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }

  /** Idempotent. */
  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}
