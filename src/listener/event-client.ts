import type { ServerResponse } from 'node:http';

/** What waits for a client at most, in bytes; a slower one is dropped. */
const MOST_WAITING = 262_144;

/** One reader of server-sent events. */
export class EventClient {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Sends a text in the form of events. False where the client is gone, or was dropped because it does not read. */
  send(text: string): boolean {
    const response = this.#response;
    if (response.destroyed || response.writableEnded) return false;
    response.write(text);
    if (response.writableLength <= MOST_WAITING) return true;
    response.destroy();
    return false;
  }

  /** Calls back once, when the client is gone for any reason; at once where it is gone already. */
  onClose(gone: () => void): void {
    if (this.#response.destroyed) return gone();
    this.#response.once('close', gone);
  }

  /** Ends the answer. Idempotent. */
  close(): void {
    this.#response.end();
  }
}
