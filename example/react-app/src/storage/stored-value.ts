/** Which of the browser's stores: `local` outlives the tab, `session` only its reloads. */
export type StorageArea = 'local' | 'session';

/** Where a value is kept, how it is read back, and what stands in for it at first. */
export interface StoredValueOptions<T> {
  readonly area: StorageArea;
  readonly key: string;
  /** Checks what JSON held; `undefined` means it is not ours and must not be used. */
  readonly parse: (json: unknown) => T | undefined;
  readonly initial: () => T;
}

/** A value, and whether the browser has it too: `false` means a reload will lose it. */
export interface StoredSnapshot<T> {
  readonly value: T;
  readonly isSaved: boolean;
}

/** A value written through to the browser's store at once, so a reload never finds it stale. */
export interface StoredValue<T> {
  snapshot: () => StoredSnapshot<T>;
  update: (change: (value: T) => T) => void;
  subscribe: (listener: () => void) => () => void;
}

/** Opens a stored value. Never throws: without a store it lives in memory and says so. */
export function openStoredValue<T>(options: StoredValueOptions<T>): StoredValue<T> {
  const { key, parse, initial } = options;
  const storage = openStorage(options.area);
  const listeners = new Set<() => void>();
  const value = load(storage, key, parse) ?? initial();
  let current: StoredSnapshot<T> = { value, isSaved: save(storage, key, value) };

  const publish = (next: StoredSnapshot<T>): void => {
    current = next;
    for (const listener of listeners) listener();
  };

  // Another tab wrote the same key: take its text over rather than overwrite it later.
  const onOtherTab = (event: StorageEvent): void => {
    if (storage === undefined || event.storageArea !== storage || event.key !== key) return;
    const theirs = parseText(event.newValue, parse);
    if (theirs !== undefined) publish({ value: theirs, isSaved: true });
  };

  return {
    snapshot: () => current,
    update: (change) => {
      const next = change(current.value);
      if (next !== current.value) publish({ value: next, isSaved: save(storage, key, next) });
    },
    subscribe: (listener) => {
      if (listeners.size === 0) window.addEventListener('storage', onOtherTab);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) window.removeEventListener('storage', onOtherTab);
      };
    },
  };
}

// With cookies blocked, merely reading `window.localStorage` throws a SecurityError.
function openStorage(area: StorageArea): Storage | undefined {
  try {
    return area === 'local' ? window.localStorage : window.sessionStorage;
  } catch {
    return undefined;
  }
}

// Text that cannot be read is put aside under another key, not lost under the next save.
function load<T>(
  storage: Storage | undefined,
  key: string,
  parse: (json: unknown) => T | undefined,
): T | undefined {
  try {
    const text = storage?.getItem(key) ?? null;
    const value = parseText(text, parse);
    if (text !== null && value === undefined) storage?.setItem(`${key}.unreadable`, text);
    return value;
  } catch {
    return undefined;
  }
}

function parseText<T>(text: string | null, parse: (json: unknown) => T | undefined): T | undefined {
  if (text === null) return undefined;
  try {
    return parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function save(storage: Storage | undefined, key: string, value: unknown): boolean {
  try {
    storage?.setItem(key, JSON.stringify(value));
    return storage !== undefined;
  } catch {
    return false;
  }
}
