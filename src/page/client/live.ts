import { apply, fetchAgain, type Message } from './apply.ts';
import type { Filter } from './filter.ts';
import { localText, wallNow } from './times.ts';

/** The monitor says something every 15 s; after this long without a word the connection is dead. */
const SILENT_MS = 40_000;

/** How long nothing is said of a connection that is lost: most come back at once. */
const PATIENCE_MS = 3_000;
const RETRY_MS = 2_000;
const LOOK_MS = 1_000;

/** Keeps the page as it is now, by server-sent events; says so where it cannot. */
export function startLive(filter: Filter): void {
  const live = new Live(filter);
  live.connect();
  window.addEventListener('pagehide', () => live.close());
  window.addEventListener('pageshow', ({ persisted }) => persisted && live.connect());
}

class Live {
  readonly #filter: Filter;
  #source: EventSource | null = null;
  #heardAt = wallNow();
  #retryAt = Infinity;
  #timer: number | undefined;

  constructor(filter: Filter) {
    this.#filter = filter;
  }

  connect(): void {
    this.#source?.close();
    this.#timer ??= window.setInterval(() => this.#look(), LOOK_MS);
    this.#retryAt = Infinity;
    const { events = '/events', rev = '' } = document.body.dataset;
    const url = `${events}${events.includes('?') ? '&' : '?'}rev=${encodeURIComponent(rev)}`;
    const source = new EventSource(url);
    this.#source = source;
    source.addEventListener('message', ({ data }) => {
      if (source === this.#source) void this.#hear(String(data));
    });
    source.addEventListener('error', () => {
      source.close();
      if (source === this.#source) this.#retryAt = wallNow() + RETRY_MS;
    });
  }

  close(): void {
    this.#source?.close();
    window.clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #hear(data: string): Promise<void> {
    const message = JSON.parse(data) as Message; // our own server's
    this.#heardAt = wallNow();
    this.#show(true);
    const { version } = document.body.dataset;
    // Another version may have another form, and another script.
    if (message.version !== version) return location.reload();
    if (message.again === true) {
      if (!(await fetchAgain())) this.#retryAt = wallNow() + RETRY_MS;
    } else {
      document.body.dataset['rev'] = message.rev;
      apply(message);
    }
    this.#filter();
  }

  #look(): void {
    const now = wallNow();
    if (now >= this.#retryAt || now - this.#heardAt > SILENT_MS) {
      // Not at each look, also where nothing answers.
      if (now >= this.#retryAt || this.#retryAt === Infinity) this.connect();
    }
    const isLost = this.#source?.readyState !== EventSource.OPEN;
    if (isLost && now - this.#heardAt > PATIENCE_MS) this.#show(false);
  }

  #show(isLive: boolean): void {
    const [link, lost] = [document.getElementById('link'), document.getElementById('lost')];
    if (link === null || lost === null) return;
    link.classList.toggle('live', isLive);
    link.textContent = isLive ? 'live' : 'not live';
    document.body.classList.toggle('stale', !isLive);
    if (lost.hidden === isLive) return;
    lost.hidden = isLive;
    const since = localText(new Date(this.#heardAt));
    lost.textContent = isLive
      ? ''
      : `Not live since ${since}: the monitor does not answer. What you see is from then.`;
  }
}
