import { morphChildren } from './morph.ts';
import { writeTimes } from './times.ts';
import type { Message } from './message.ts';
import type { FetchedPage } from './updates.ts';

/** Brings the page to the state of a message. */
export function apply({ title, set = {}, order, say = [] }: Message): void {
  const focused = document.activeElement;
  if (order !== undefined) orderRows(order);
  for (const [id, text] of Object.entries(set)) {
    const element = document.getElementById(id);
    if (element === null) continue;
    const template = document.createElement('template');
    // Every text in it was escaped by the monitor, and the page's policy forbids any script in it.
    template.innerHTML = text;
    writeTimes(template.content);
    morphChildren(element, template.content);
  }
  if (title !== undefined) document.title = title;
  // A row that was moved has lost it.
  if (focused instanceof HTMLElement && focused.isConnected && document.activeElement !== focused) {
    focused.focus({ preventScroll: true });
  }
  const voice = document.getElementById('say');
  if (voice !== null && say.length > 0) voice.textContent = say.join('. ');
}

/** Fetches the page whole, to bring this one to its state. Null where that failed. */
export async function fetchAgain(): Promise<FetchedPage | null> {
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(10_000) });
    if (!answer.ok && answer.status !== 404) return null;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const [main, wanted] = [document.getElementById('main'), page.getElementById('main')];
    if (main === null || wanted === null) return null;
    const show = (): void => {
      writeTimes(wanted);
      morphChildren(main, wanted);
      document.title = page.title;
    };
    return { rev: page.body.dataset['rev'] ?? '', show };
  } catch {
    return null;
  }
}

/** Puts the rows in order; makes the new ones, and removes those that are gone. */
function orderRows(order: readonly string[]): void {
  const list = document.getElementById('rows');
  if (list === null) return;
  const wanted = new Set(order);
  for (const row of Array.from(list.children)) if (!wanted.has(row.id)) row.remove();
  for (const [n, id] of order.entries()) {
    const row = document.getElementById(id) ?? newRow(id);
    if (list.children[n] !== row) list.insertBefore(row, list.children[n] ?? null);
  }
}

function newRow(id: string): HTMLElement {
  const row = document.createElement('li');
  row.id = id;
  const article = document.createElement('article');
  for (const part of ['now', 'past']) {
    const piece = document.createElement('div');
    piece.className = part;
    piece.id = `${id}-${part}`;
    article.append(piece);
  }
  row.append(article);
  return row;
}
