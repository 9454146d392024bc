import { useState, useSyncExternalStore } from 'react';

import { openStoredValue } from './stored-value.ts';
import type { StoredValueOptions } from './stored-value.ts';

/** State that survives reloads: the value, its updater, and whether the browser has saved it. */
export function useStoredState<T>(
  options: StoredValueOptions<T>,
): [value: T, update: (change: (value: T) => T) => void, isSaved: boolean] {
  const [stored] = useState(() => openStoredValue(options));
  const { value, isSaved } = useSyncExternalStore(stored.subscribe, stored.snapshot);
  return [value, stored.update, isSaved];
}
