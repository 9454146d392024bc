/** The monitor says something every 15 s; after this long without a word the connection is dead. */
const SILENT_MS = 40_000;

/** How long a new connection has for its first word: the page it follows may have to be made first. */
const FIRST_WORD_MS = 15_000;

const RETRY_MS = 2_000;

/** Tells when to connect again. Times are epoch milliseconds. */
export class Attempts {
  #heardAt: number;
  #triedAt: number;
  #retryAt = Infinity;

  constructor(now: number) {
    this.#heardAt = now;
    this.#triedAt = now;
  }

  began(now: number): void {
    this.#triedAt = now;
    this.#retryAt = Infinity;
  }

  heard(now: number): void {
    this.#heardAt = now;
  }

  failed(now: number): void {
    this.#retryAt = now + RETRY_MS;
  }

  isDue(now: number): boolean {
    const deadAt = Math.max(this.#heardAt + SILENT_MS, this.#triedAt + FIRST_WORD_MS);
    return now >= (this.#retryAt === Infinity ? deadAt : this.#retryAt);
  }
}
