/**
 * Names of files that a sentence can have: whole paths, in quotes also with spaces. A path of a URL follows a host,
 * and is none. What an app says of its own source (`src/App.tsx:2:36`) is relative to the app, and stays.
 */
const PATHS: readonly RegExp[] = [
  // Vite and webpack give files outside of the project's folder as a URL.
  /(?<=\/@fs|webpack:\/\/)\/[^\s'"`”’<>|,;()[\]{}]{0,4096}/g,
  /(?<=(['"`]))(?:file:\/\/\/?|~?\/(?!\/)|[A-Za-z]:[\\/])[^'"`\n]{0,4096}?[\\/][^'"`\n]{0,4096}(?=\1)/g,
  /(?<=^|[^\w./:~\\-]|[^/:]:|(?:^|\s)-\w)(?:file:\/\/\/?|~\/|[A-Za-z]:[\\/]|\/(?!\/)[^\s/'"`<>|,;:()[\]{}]{1,255}\/)[^\s'"`”’<>|,;()[\]{}]{0,4096}/g,
];

/** A text without absolute paths: `…` stands for each, with its line number. */
export function hidePathsIn(text: string): string {
  if (!text.includes('/') && !text.includes('\\')) return text;
  return PATHS.reduce((left, path) => left.replace(path, placeless), text);
}

/** `…:12:3` for `/home/me/app/src/a.ts:12:3`. */
function placeless(path: string): string {
  return `…${/(?::\d{1,9}){1,2}$/.exec(path)?.[0] ?? ''}`;
}

/** The same for every text in plain data; keys stay. */
export function hidePaths<Data>(data: Data): Data {
  return hideAny(data) as Data; // of the same form: only texts are changed
}

function hideAny(data: unknown): unknown {
  if (typeof data === 'string') return hidePathsIn(data);
  if (Array.isArray(data)) return data.map(hideAny);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, hideAny(value)]));
}
