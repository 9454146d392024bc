import { isRecord } from '../storage/is-record.ts';
import type { StoredValueOptions } from '../storage/stored-value.ts';
import { wallNow } from '../time/wall-clock.ts';

/** A note; `changedAt` is wall-clock ms. */
export interface Note {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly changedAt: number;
}

/** An empty note with an id of its own. */
export function createNote(title = '', body = ''): Note {
  // Not randomUUID: it is missing when the page is opened over plain http from another machine.
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  const changedAt = wallNow();
  return { id: `${changedAt.toString(36)}-${random.toString(36)}`, title, body, changedAt };
}

/** What a note is called in the list when its title may be empty. */
export function noteName(note: Note): string {
  return note.title.trim() || 'Untitled';
}

/** The notes in localStorage, newest first; a first visit finds one that says what to try. */
export const storedNotes: StoredValueOptions<readonly Note[]> = {
  area: 'local',
  key: 'scratchpad.notes',
  initial: () => [createNote('Try to lose this', WELCOME)],
  parse: (json) => (Array.isArray(json) && json.every(isNote) ? json : undefined),
};

/** Which note is open: per tab, so that two tabs can show two notes. */
export const storedSelection: StoredValueOptions<string> = {
  area: 'session',
  key: 'scratchpad.selected',
  initial: () => '',
  parse: (json) => (typeof json === 'string' ? json : undefined),
};

const WELCOME = `Write something here. It stays in this browser.

Now break the dev server behind this page:
- kill it, and PM2 starts it again;
- freeze it with kill -STOP, and pm2-liveness restarts it, because it no longer answers.

The light at the top turns red and then green again. Your text is still here.`;

function isNote(json: unknown): json is Note {
  if (!isRecord(json)) return false;
  const { id, title, body, changedAt } = json;
  return [id, title, body].every((text) => typeof text === 'string') && Number.isFinite(changedAt);
}
