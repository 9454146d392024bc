/** What stands around a path, and in no path without quotes. */
const OUTSIDE = '\\s\'"`”’<>|,;()[\\]{}';

/** A character of a path; brackets where the path goes on after them (`Program Files (x86)\`, `app/[id]/page.tsx`). */
const CHAR = `(?:[^${OUTSIDE}]|\\([^${OUTSIDE}]{1,64}\\)(?=[\\\\/])|\\[[^${OUTSIDE}]{1,64}\\](?=[\\\\/.]))`;

/** A word that can be in the name of a folder: no folder itself, and no end of a sentence. */
const WORD = `[^${OUTSIDE}\\\\/:]{1,64}(?<!\\.)`;

const ENDING =
  '\\.(?:[cm]?[jt]sx?|json|vue|svelte|html?|css|s[ac]ss|env|sock|log|pid|sh|py|rb|go|php|ya?ml|toml|pem|key|crt|exe|node|txt|lock|map)';

/** After a space: a path or URL of its own, `3/5`, a media type. */
const OTHER =
  '[\\\\/~]|[A-Za-z]:[\\\\/]|[\\w+.-]{1,32}://|\\d+/\\d|(?:text|application|image|audio|video|font|multipart)/';

/** The place in a file, as after `a.ts:12:3`. */
const LINE = '(?::\\d{1,9}){1,2}';

/**
 * How a path goes on after a space: up to a word with a slash (`/home/John Doe/app`), or one word with the ending of a
 * file (`/srv/my check.sh`). Nothing follows the ending of a file, or of a sentence. A word too many is hidden sooner
 * than a name shown.
 */
const MORE = [
  `(?:${WORD} ){0,2}(?!${OTHER})${CHAR}{0,255}[\\\\/]${CHAR}{0,4096}`,
  `${WORD}(?<=${ENDING})(?:${LINE})?(?![\\w.-])`,
  `(?<=\\\\ )${CHAR}{1,4096}`,
].join('|');
const REST = `${CHAR}{0,4096}(?:(?<!${ENDING}|${LINE}|[.:!?]) (?:${MORE})){0,16}`;

/** How a path begins: with two folders, because `/health` is one of an app. */
const ROOT = `file:///?|~/|[A-Za-z]:[\\\\/]|\\\\\\\\[^\\s\\\\]{1,255}\\\\|/(?!/)[^${OUTSIDE}/:]{1,255}/`;

/**
 * Names of files that a sentence can have: whole paths, also with spaces. A path of a URL follows a host, and is none.
 * What an app says of its own source (`src/App.tsx:2:36`) is relative to the app, and stays.
 */
const PATHS: readonly RegExp[] = [
  // Vite gives files outside of the project's folder as a URL.
  new RegExp(`(?<=/@fs)/${REST}`, 'g'),
  /(?<=(['"`]))(?:file:\/\/\/?|~?\/(?!\/)|[A-Za-z]:[\\/]|\\\\)[^'"`\n]{0,4096}?[\\/][^'"`\n]{0,4096}(?=\1)/g,
  new RegExp(`(?<=^|[^\\w./:~\\\\-]|[^/:]:|(?:^|\\s)-\\w)(?:${ROOT})${REST}`, 'g'),
  // webpack and others give them as a URL without a host.
  new RegExp(`(?<=[A-Za-z]://)/(?!\\.)${REST}`, 'g'),
  // In the query of a URL.
  /(?<![\w.~%-])(?:file%3A|[A-Za-z]%3A)?(?:%2F|%5C){1,3}[\w.~+-][\w.~+%-]{0,255}?(?:%2F|%5C)[\w.~+%-]{0,4096}/gi,
];

/** A text without absolute paths: `…` stands for each, with its line number. */
export function hidePathsIn(text: string): string {
  if (!/[\\/]|%2f|%5c/i.test(text)) return text;
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
