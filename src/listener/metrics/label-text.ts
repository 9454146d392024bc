declare const LABELS: unique symbol;

/**
 * Labels as both formats of Prometheus write them, without braces: `app="web",instance="0"`. Empty for none. Made once for an
 * app, and not for each of its series in each answer: escaping was half of the cost of a scrape.
 */
export type LabelText = string & { readonly [LABELS]: true };

/** Of names and values; a value is any text. */
export function labelText(labels: Readonly<Record<string, string>>): LabelText {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.join(',') as LabelText; // the one place where it is made of any text
}

/** With one label more, whose value is a word of ours, with nothing to escape. */
export function withWord(labels: LabelText, name: string, word: string): LabelText {
  return `${labels},${name}="${word}"` as LabelText; // of two parts that are written already
}

/** Help is escaped like a label, but for quotation marks in the older format. */
export function escapeHelp(text: string, isQuoted: boolean): string {
  return isQuoted ? escapeLabel(text) : escapeLines(text);
}

function escapeLabel(text: string): string {
  return escapeLines(text).replaceAll('"', '\\"');
}

/** A half of a surrogate pair is no text and becomes U+FFFD. */
function escapeLines(text: string): string {
  return text
    .replaceAll(/\p{Cs}/gu, '\uFFFD')
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n');
}
