import type { Message } from './message.ts';

/** The page that is shown. */
export interface Page {
  /** Which state it has; empty where a part of it may be missing. */
  rev: string;
  apply(message: Message): void;
  /** Fetches the whole page; null where that failed. */
  fetchAgain(): Promise<FetchedPage | null>;
}

export interface FetchedPage {
  readonly rev: string;
  show(): void;
}

/** How the page is after a message: as the monitor's, not yet, or not without a new connection. */
type Standing = 'current' | 'behind' | 'failed';

/** Brings the page to the state of the messages of one connection, in their order and without a gap. */
export class Updates {
  readonly #page: Page;
  /** What came while the page is being fetched; null while it is not. At most one a second, for 10 s. */
  #held: Message[] | null = null;
  #isOver = false;

  constructor(page: Page) {
    this.#page = page;
  }

  async take(message: Message): Promise<Standing> {
    if (this.#isOver) return 'behind';
    if (this.#held !== null) {
      this.#held.push(message);
      return 'behind';
    }
    if (message.again === true) return this.#fetch();
    this.#apply(message);
    return 'current';
  }

  /** From now on nothing changes the page: another connection does. */
  end(): void {
    this.#isOver = true;
  }

  async #fetch(): Promise<Standing> {
    // Who connects meanwhile must not ask for later changes alone.
    this.#page.rev = '';
    const held: Message[] = [];
    this.#held = held;
    const fetched = await this.#page.fetchAgain();
    if (this.#isOver) return 'behind';
    this.#held = null;
    if (fetched === null) {
      this.#isOver = true;
      return 'failed';
    }
    fetched.show();
    this.#page.rev = fetched.rev;
    const missed = held.filter(({ rev }) => isLater(rev, fetched.rev));
    if (missed.some(({ again }) => again === true)) return this.#fetch();
    for (const message of missed) this.#apply(message);
    return 'current';
  }

  #apply(message: Message): void {
    this.#page.rev = message.rev;
    this.#page.apply(message);
  }
}

/** Whether a state comes after another one; those of different rooms cannot be compared, and are fetched. */
function isLater(rev: string, than: string): boolean {
  const [[room, n], [otherRoom, m]] = [rev.split('_'), than.split('_')];
  return room === otherRoom && Number(n) > Number(m);
}
