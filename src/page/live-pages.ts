import { randomBytes } from 'node:crypto';
import type { Clock } from '../time/clock.ts';
import { LightAbortController } from '../time/light-abort.ts';
import { forEachInSlices } from '../time/slices.ts';
import { KeptRows } from './kept-rows.ts';
import type { PageFacts, PageName } from './page-facts.ts';
import { Room, type Follower, type Look } from './room.ts';

/** What the pages need. */
interface LivePagesDeps {
  readonly clock: Clock;
  readonly version: string;
  /** What is known now; read once a second at most. */
  readonly facts: () => PageFacts | Promise<PageFacts>;
  /** Takes over what a look threw. */
  readonly onBug: (error: unknown) => void;
}

/** One who follows a page, and how to know that they are gone. */
export interface LiveClient extends Follower {
  onClose(gone: () => void): void;
  close(): void;
}

/** A page is made once in this time, for all who ask. */
const FRESH_MS = 1_000;

/** Those who follow hear something this often, in looks. */
const BEAT_LOOKS = 15;

/** A page that nobody follows is kept for this long: its reader's events come a moment after it. */
const IDLE_MS = 10_000;

/** Pages that are kept at most; each follower has one of them. */
const MOST_ROOMS = 40;

/** The pages as they are now. While nobody asks or follows, nothing is made and no timer runs. */
export class LivePages {
  readonly #deps: LivePagesDeps;
  readonly #rooms = new Map<string, Room>();
  /** The monitor's own mark: pages of an earlier one are made again. */
  readonly #boot = randomBytes(4).toString('hex');
  #count = 0;
  readonly #rows = new KeptRows();
  #newest: { readonly at: number; readonly look: Promise<Look> } | null = null;
  #looking: Promise<void> | null = null;
  readonly #stopping = new LightAbortController();
  readonly #clients = new Set<LiveClient>();

  constructor(deps: LivePagesDeps) {
    this.#deps = deps;
  }

  /** How many pages are kept. */
  get size(): number {
    return this.#rooms.size;
  }

  /** The text of a page; `isFound` is false where there is no such app. Rejects where the facts cannot be had. */
  async page(name: PageName): Promise<{ readonly text: string; readonly isFound: boolean }> {
    const room = await this.#room(name);
    return { text: room.text(), isFound: room.isFound };
  }

  /** Lets a client follow a page, from the state that it has. */
  async follow(client: LiveClient, name: PageName, have: string): Promise<void> {
    if (this.#stopping.aborted) return client.close();
    this.#clients.add(client);
    let room: Room | null = null;
    client.onClose(() => {
      this.#clients.delete(client);
      room?.followers.delete(client);
    });
    room = await this.#room(name);
    if (this.#clients.has(client)) room.join(client, have);
  }

  /** Ends all that follow. Idempotent; never rejects. */
  async close(): Promise<void> {
    this.#stopping.abort();
    for (const client of this.#clients) client.close();
    this.#rooms.clear();
    await this.#looking;
  }

  async #room(name: PageName): Promise<Room> {
    const look = await this.#freshLook();
    const { clock, version } = this.#deps;
    await this.#prepare(look, [name]);
    const key = JSON.stringify(name);
    const known = this.#rooms.get(key);
    const room =
      known ?? new Room(name, `${this.#boot}-${(this.#count += 1)}`, version, clock.now());
    room.update(look, this.#rows.of);
    room.usedAt = clock.now();
    if (known === undefined) {
      this.#rooms.set(key, room);
      this.#dropIdle(MOST_ROOMS);
    }
    if (!this.#stopping.aborted) this.#looking ??= this.#look();
    return room;
  }

  async #freshLook(): Promise<Look> {
    const at = this.#deps.clock.now();
    if (this.#newest === null || at - this.#newest.at >= FRESH_MS) {
      const look = Promise.resolve(this.#deps.facts()).then((facts) => ({ at, facts }));
      this.#newest = { at, look };
      look.catch(() => (this.#newest = null));
    }
    return this.#newest.look;
  }

  /** Makes what takes long, in slices, so that the probes run in between. */
  async #prepare({ facts }: Look, pages: readonly PageName[]): Promise<void> {
    const { clock } = this.#deps;
    const spans = new Set(pages.flatMap((page) => (page.kind === 'home' ? [page.span] : [])));
    for (const span of spans) await this.#rows.prepare(facts, span, () => clock.now());
  }

  /** Once a second while somebody follows, until no page is left. Never rejects. */
  async #look(): Promise<void> {
    const { clock, onBug } = this.#deps;
    for (let looks = 1; this.#rooms.size > 0; looks += 1) {
      await clock.sleep(FRESH_MS, this.#stopping);
      if (this.#stopping.aborted) break;
      try {
        this.#dropIdle(MOST_ROOMS);
        await this.#updateFollowed(looks % BEAT_LOOKS === 0);
      } catch (error) {
        onBug(error);
      }
    }
    this.#newest = null;
    this.#rows.clear();
    this.#looking = null;
  }

  async #updateFollowed(isBeat: boolean): Promise<void> {
    const followed = [...this.#rooms.values()].filter(({ followers }) => followers.size > 0);
    if (followed.length === 0) return;
    const { clock } = this.#deps;
    const look = await this.#freshLook();
    await this.#prepare(
      look,
      followed.map(({ page }) => page),
    );
    const update = (room: Room): void => {
      room.usedAt = clock.now();
      room.update(look, this.#rows.of);
      if (isBeat) room.beat();
    };
    const mayGoOn = (): boolean => !this.#stopping.aborted;
    await forEachInSlices(followed, () => clock.now(), update, mayGoOn);
  }

  /** Drops pages that nobody follows: those that were not asked for lately, and the oldest where there are too many. */
  #dropIdle(most: number): void {
    const now = this.#deps.clock.now();
    for (const [key, room] of this.#rooms) {
      const isLate = now - room.usedAt >= IDLE_MS || this.#rooms.size > most;
      if (room.followers.size === 0 && isLate) this.#rooms.delete(key);
    }
  }
}
