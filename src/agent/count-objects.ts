import type { Counted } from './shapes.ts';

/**
 * Runs in the main thread of the app, as text: it must use nothing of this file or another, run no code of the app, and never
 * throw. Gives the most frequent constructors of the objects as JSON text.
 */
export function countObjects(all: readonly object[]): string {
  const most = 8;
  const nameChars = 80;
  const byPrototype = new Map<object | null, number>();
  for (const each of all) {
    // V8 gives no proxies here, whose handlers would run.
    const prototype = Object.getPrototypeOf(each) as object | null;
    byPrototype.set(prototype, (byPrototype.get(prototype) ?? 0) + 1);
  }
  const byName = new Map<string, number>();
  for (const [prototype, count] of byPrototype) {
    let name = '(without a constructor)';
    try {
      // As data alone: a getter would be code of the app.
      const made =
        prototype === null ? undefined : Object.getOwnPropertyDescriptor(prototype, 'constructor');
      const named =
        typeof made?.value === 'function'
          ? Object.getOwnPropertyDescriptor(made.value, 'name')
          : undefined;
      if (typeof named?.value === 'string' && named.value !== '')
        name = named.value.slice(0, nameChars);
    } catch {
      // A prototype that is a proxy.
    }
    byName.set(name, (byName.get(name) ?? 0) + count);
  }
  const counted: Counted[] = Array.from(byName, ([name, count]) => ({ name, count }));
  return JSON.stringify(counted.sort((one, other) => other.count - one.count).slice(0, most));
}
