import { shellWord } from '../../text/shell-word.ts';

/** Names that PM2's commands and a shell take for that name, and for nothing else. */
const PLAIN = /^(?!all$|Infinity$)[A-Za-z_][\w-]*$/;

/**
 * The word by which `pm2 stop`, `restart`, `delete` and `logs` mean the apps of this name and no others: an
 * expression where the name itself is an id, a file, an option or `all` to them. No character that PM2 (which
 * drops slashes, and takes `.json` anywhere for a file) or a shell reads in its own way stands in it.
 */
export function appWord(name: string): string {
  if (PLAIN.test(name)) return name;
  const escaped = name.replace(/[^\p{L}\p{N}_-]/gu, (char) =>
    [...Array(char.length).keys()].map((at) => hexOf(char.charCodeAt(at))).join(''),
  );
  return `'/^${escaped}$/'`;
}

/** The word for one process: its pm_id, but where an app is called so, which PM2 takes first. */
export function processWord(
  { name, pmId }: { readonly name: string; readonly pmId: number },
  names: readonly string[],
): string {
  return names.includes(String(pmId)) ? appWord(name) : String(pmId);
}

/** The words that make `pm2 start <file>` start this app alone; null for a name that PM2 would take apart. */
export function onlyWords(name: string): string | null {
  if (/[ ,]/.test(name)) return null;
  return name.startsWith('-') ? `--only=${shellWord(name)}` : `--only ${shellWord(name)}`;
}

/** As PM2's expression reads it. */
function hexOf(code: number): string {
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
