import { apply, fetchAgain } from './apply.ts';
import { Attempts } from './attempts.ts';
import type { Filter } from './filter.ts';
import { localText, wallNow } from './times.ts';
import type { Message } from './message.ts';
import { Updates, type Page } from './updates.ts';

/** How long nothing is said of a connection that is lost: most come back at once. */
const PATIENCE_MS = 3_000;
const LOOK_MS = 1_000;

/** The page around this script. */
const PAGE: Page = {
  apply,
  fetchAgain,
  get rev() {
    return document.body.dataset['rev'] ?? '';
  },
  set rev(rev) {
    document.body.dataset['rev'] = rev;
  },
};

/** Keeps the page as it is now, by server-sent events; says so where it cannot. */
export function startLive(filter: Filter): void {
  const live = new Live(filter);
  live.connect();
  window.addEventListener('pagehide', () => live.close());
  window.addEventListener('pageshow', ({ persisted }) => persisted && live.connect());
}

class Live {
  readonly #filter: Filter;
  readonly #attempts = new Attempts(wallNow());
  #source: EventSource | null = null;
  #updates = new Updates(PAGE);
  /** When the page was last as the monitor's. */
  #currentAt = wallNow();
  #timer: number | undefined;

  constructor(filter: Filter) {
    this.#filter = filter;
  }

  connect(): void {
    this.#end();
    this.#timer ??= window.setInterval(() => this.#look(), LOOK_MS);
    this.#attempts.began(wallNow());
    const { events = '/events' } = document.body.dataset;
    const url = `${events}${events.includes('?') ? '&' : '?'}rev=${encodeURIComponent(PAGE.rev)}`;
    const source = new EventSource(url);
    this.#source = source;
    this.#updates = new Updates(PAGE);
    source.addEventListener('message', ({ data }) => {
      if (source === this.#source) void this.#hear(String(data), source);
    });
    source.addEventListener('error', () => this.#fail(source));
  }

  close(): void {
    this.#end();
    window.clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #end(): void {
    this.#source?.close();
    this.#updates.end();
  }

  #fail(source: EventSource): void {
    source.close();
    if (source === this.#source) this.#attempts.failed(wallNow());
  }

  async #hear(data: string, source: EventSource): Promise<void> {
    const message = JSON.parse(data) as Message; // our own server's
    this.#attempts.heard(wallNow());
    // Another version may have another form, and another script.
    if (message.version !== document.body.dataset['version']) return location.reload();
    const standing = await this.#updates.take(message);
    if (standing === 'failed') this.#fail(source);
    if (standing !== 'current') return;
    this.#currentAt = wallNow();
    this.#show(true);
    this.#filter();
  }

  #look(): void {
    const now = wallNow();
    if (this.#attempts.isDue(now)) this.connect();
    const isLost = this.#source?.readyState !== EventSource.OPEN;
    if (isLost && now - this.#currentAt > PATIENCE_MS) this.#show(false);
  }

  #show(isLive: boolean): void {
    const [link, lost] = [document.getElementById('link'), document.getElementById('lost')];
    if (link === null || lost === null) return;
    link.classList.toggle('live', isLive);
    link.textContent = isLive ? 'live' : 'not live';
    document.body.classList.toggle('stale', !isLive);
    if (lost.hidden === isLive) return;
    lost.hidden = isLive;
    const since = localText(new Date(this.#currentAt));
    lost.textContent = isLive
      ? ''
      : `Not live since ${since}: the monitor does not answer. What you see is from then.`;
  }
}
