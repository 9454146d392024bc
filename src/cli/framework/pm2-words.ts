import { shellWord } from '../../text/shell-word.ts';

/** Names that PM2's commands and a shell read as a name, and as nothing else. */
const PLAIN = /^(?!all$|Infinity$)[A-Za-z_][\w-]*$/;

/**
 * The word that makes `pm2 stop`, `restart`, `delete` and `logs` select the apps of this name and no others:
 * an expression where they would read the name itself as an id, a file, an option or `all`. It has no
 * character with a special meaning for a shell or for PM2 (which drops slashes, and reads `.json` anywhere as
 * a file).
 */
export function appWord(name: string): string {
  if (PLAIN.test(name)) return name;
  const escaped = name.replace(/[^\p{L}\p{N}_-]/gu, (char) =>
    [...Array(char.length).keys()].map((at) => hexOf(char.charCodeAt(at))).join(''),
  );
  return `'/^${escaped}$/'`;
}

/** The word for one process: its pm_id, except where an app has that name, which PM2 selects first. */
export function processWord(
  { name, pmId }: { readonly name: string; readonly pmId: number },
  names: readonly string[],
): string {
  return names.includes(String(pmId)) ? appWord(name) : String(pmId);
}

/** The words that make `pm2 start <file>` start only this app; null for a name that PM2 would split. */
export function onlyWords(name: string): string | null {
  if (/[ ,]/.test(name)) return null;
  return name.startsWith('-') ? `--only=${shellWord(name)}` : `--only ${shellWord(name)}`;
}

/** A character in the form of PM2's expressions. */
function hexOf(code: number): string {
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
