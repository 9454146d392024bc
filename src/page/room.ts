import type { TargetStatus } from '../report/status.ts';
import type { Message } from './client/message.ts';
import { faceOf } from './face.ts';
import { labelOf } from './headline.ts';
import type { RowHistory } from './kept-rows.ts';
import { eventsHref, rowIdsOf } from './links.ts';
import type { PageFacts, PageName } from './page-facts.ts';
import { renderPage, type RenderedPage } from './pages.ts';
import { pageText, windowTitle } from './shell.ts';

/** What was known at a time, in monotonic milliseconds. */
export interface Look {
  readonly at: number;
  readonly facts: PageFacts;
}

/** One who follows a page; the connection is behind it. */
export interface Follower {
  /** False where the client is gone, or too slow. */
  send(text: string): boolean;
}

/** A piece of a page as it was sent last, and the revision in which it changed last. */
interface Piece {
  readonly text: string;
  readonly rev: number;
}

/** More than this, in characters, is not sent as pieces: the client fetches the page again. */
const MOST_SENT = 120_000;

/** How many changes of state are said aloud at once. */
const MOST_SAID = 4;

/** One page and all who follow it: it is rendered once for all of them, and only what has changed is sent. */
export class Room {
  readonly followers = new Set<Follower>();
  readonly page: PageName;
  readonly #id: string;
  readonly #version: string;
  #rev = 0;
  #pieces = new Map<string, Piece>();
  #order: Piece = { text: '', rev: 0 };
  #title: Piece = { text: '', rev: 0 };
  #words = new Map<string, string>();
  #rendered: RenderedPage | null = null;
  #text: string | null = null;
  /** The time of what it was rendered from last; monotonic milliseconds. */
  lookedAt = Number.NEGATIVE_INFINITY;
  /** Monotonic milliseconds. */
  usedAt: number;

  /** `id` distinguishes this room from all others, also from those of an earlier monitor. */
  constructor(page: PageName, id: string, version: string, now: number) {
    this.page = page;
    this.#id = id;
    this.#version = version;
    this.usedAt = now;
  }

  /** Renders the page again, and sends what has changed to all who follow it. */
  update({ at, facts }: Look, historyOf: RowHistory): void {
    // One that took longer has nothing new.
    if (at <= this.lookedAt) return;
    this.lookedAt = at;
    const rendered = renderPage(facts, this.page, historyOf);
    const before = this.#rev;
    const rev = before + 1;
    let isChanged = this.#rendered === null || rendered.isFound !== this.#rendered.isFound;
    const pieces = new Map<string, Piece>();
    for (const [id, { text }] of rendered.fragments) {
      const known = this.#pieces.get(id);
      const isSame = known?.text === text;
      pieces.set(id, isSame ? known : { text, rev });
      isChanged ||= !isSame;
    }
    const order = changed(this.#order, rendered.order.join(' '), rev);
    const title = changed(this.#title, windowTitle(rendered.title), rev);
    isChanged ||= order.rev === rev || title.rev === rev;
    const say = this.#sayOf(facts.status.targets);
    const wasFound = this.#rendered?.isFound ?? rendered.isFound;
    this.#rendered = rendered;
    if (!isChanged) return;
    this.#rev = rev;
    this.#pieces = pieces;
    this.#order = order;
    this.#title = title;
    this.#text = null;
    const isOther = wasFound !== rendered.isFound;
    this.#sendAll(isOther ? this.#again() : this.#messageSince(before, say));
  }

  get isFound(): boolean {
    return this.#rendered?.isFound ?? false;
  }

  /** The whole page. */
  text(): string {
    const rendered = this.#rendered;
    if (rendered === null) return '';
    this.#text ??= pageText({
      title: rendered.title,
      main: rendered.main(),
      events: eventsHref(this.page),
      rev: this.#revText,
      version: this.#version,
    });
    return this.#text;
  }

  /** Lets one follow the page, from the state on that it has, see `data-rev`. */
  join(follower: Follower, have: string): void {
    const [id, rev] = have.split('_');
    const from = id === this.#id && /^\d{1,9}$/.test(rev ?? '') ? Number(rev) : null;
    const isKnown = from !== null && from <= this.#rev;
    const first = isKnown ? this.#messageSince(from, []) : this.#again();
    if (follower.send(first)) this.followers.add(follower);
  }

  /** Says that the monitor is there, though nothing has changed. */
  beat(): void {
    this.#sendAll(this.#event({}));
  }

  #sendAll(text: string): void {
    for (const follower of this.followers) {
      if (!follower.send(text)) this.followers.delete(follower);
    }
  }

  #messageSince(from: number, say: readonly string[]): string {
    const fresh = [...this.#pieces].filter(([, { rev }]) => rev > from);
    const size = fresh.reduce((sum, [, { text }]) => sum + text.length, 0);
    if (size > MOST_SENT) return this.#again();
    return this.#event({
      ...(this.#title.rev > from && { title: this.#title.text }),
      ...(this.#order.rev > from && { order: this.#order.text.split(' ').filter(Boolean) }),
      ...(fresh.length > 0 && {
        set: Object.fromEntries(fresh.map(([id, { text }]) => [id, text])),
      }),
      ...(say.length > 0 && { say }),
    });
  }

  #again(): string {
    return this.#event({ again: true });
  }

  #event(part: Omit<Message, 'version' | 'rev'>): string {
    const message: Message = { version: this.#version, rev: this.#revText, ...part };
    // JSON has no line end of its own, so that it is one line of the event.
    return `data: ${JSON.stringify(message)}\n\n`;
  }

  get #revText(): string {
    return `${this.#id}_${this.#rev}`;
  }

  /** The changes of state since the last time, in words. */
  #sayOf(targets: readonly TargetStatus[]): readonly string[] {
    const page = this.page;
    const said: string[] = [];
    const words = new Map<string, string>();
    for (const [target, id] of rowIdsOf(targets)) {
      if (page.kind === 'app' && (target.name !== page.name || target.instance !== page.instance))
        continue;
      const { word } = faceOf(target);
      const label = labelOf(target);
      words.set(id, word);
      const before = this.#words.get(id);
      if (before !== undefined && before !== word) said.push(`${label}: ${word}`);
    }
    this.#words = words;
    const left = said.length - MOST_SAID;
    return left > 0 ? [...said.slice(0, MOST_SAID), `and ${left} more`] : said;
  }
}

function changed(before: Piece, text: string, rev: number): Piece {
  return before.text === text && before.rev > 0 ? before : { text, rev };
}
