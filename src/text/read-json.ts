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
  try {
    const value: unknown = JSON.parse(text);
    if (isDeeper(value, deepest)) return bad(`has more than ${deepest} levels`);
    return { ok: true, value };
  } catch (error) {
    // V8's message quotes the text; only the place is taken from it.
    const place = /\bposition (\d+)/.exec(String(error))?.[1];
    const at = place === undefined ? '' : ` (wrong at character ${Number(place) + 1})`;
    return bad(`is not valid JSON${at}`);
  }
}

/** True for a value with more lists and objects in one another than `levels`. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1));
}

function bad(reason: string): JsonRead {
  return { ok: false, reason };
}
