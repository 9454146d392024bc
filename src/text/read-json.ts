/** What a text in JSON says, or why it cannot be read: a reason without any part of the text, which may be secret. */
export type JsonRead =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

/** The limits of a text. */
interface JsonLimits {
  readonly mostCharacters: number;
  /** How many lists and objects may stand in one another: to write deeper ones again would overflow the stack. */
  readonly deepest: number;
}

/** The limits of an `env_liveness` block that comes as text. */
const BLOCK_LIMITS: JsonLimits = { mostCharacters: 64 * 1024, deepest: 16 };

/** Reads JSON that others wrote. Never throws. */
export function readJson(text: string, limits: JsonLimits = BLOCK_LIMITS): JsonRead {
  const { mostCharacters, deepest } = limits;
  if (text.length > mostCharacters) {
    return bad(`has ${text.length} characters, more than ${mostCharacters}`);
  }
  // Before it is parsed: V8 takes more than linear time for lists in lists.
  if (isDeeper(text, deepest)) return bad(`has more than ${deepest} levels`);
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    // V8's message quotes the text; only the place is taken from it.
    const place = /\bposition (\d+)/.exec(String(error))?.[1];
    const at = place === undefined ? '' : ` (wrong at character ${Number(place) + 1})`;
    return bad(`is not valid JSON${at}`);
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPENS, CLOSES] = [new Set([0x5b, 0x7b]), new Set([0x5d, 0x7d])];

/** True for a text with more lists and objects open at one place than `levels`; in one pass. */
function isDeeper(text: string, levels: number): boolean {
  let depth = 0;
  let isString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) isString = false;
    } else if (code === QUOTE) {
      isString = true;
    } else if (OPENS.has(code)) {
      depth += 1;
      if (depth > levels) return true;
    } else if (CLOSES.has(code)) {
      depth -= 1;
    }
  }
  return false;
}

function bad(reason: string): JsonRead {
  return { ok: false, reason };
}
