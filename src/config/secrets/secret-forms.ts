/** Shorter lines of a secret are not hidden. */
const LEAST_LINE = 6;

/**
 * The forms in which a secret can be in a text with decoded percent signs: as it is, form-encoded, in JSON,
 * HTML or shell quotes, in base64, as bytes of a header, on one line, and each of its lines.
 */
export function formsOf(value: string): ReadonlySet<string> {
  const forms = new Set([value]);
  for (const plain of new Set([value, decodePercents(value), ...credentialsOf(value)])) {
    const bytes = Buffer.from(plain, 'utf8');
    const json = JSON.stringify(plain).slice(1, -1);
    forms
      .add(plain)
      .add(plain.replaceAll(' ', '+'))
      .add(json)
      .add(
        json.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
      )
      .add(plain.replaceAll("'", `'\\''`))
      .add(inHtml(plain, '&#39;'))
      .add(inHtml(plain, '&#x27;'))
      .add(bytes.toString('latin1'))
      .add(bytes.toString('base64').replace(/=+$/, ''))
      .add(bytes.toString('base64url'))
      .add(plain.replace(/\s+/g, ' ').trim());
    if (/[\r\n]/.test(plain)) linesOf(plain).forEach((line) => forms.add(line));
  }
  forms.delete('');
  return forms;
}

/** A text with its percent signs decoded, where possible. */
export function decodePercents(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return Buffer.from(run.replaceAll('%', ''), 'hex').toString('latin1');
    }
  });
}

function linesOf(text: string): string[] {
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line.length >= LEAST_LINE);
}

/** `user:password`, and the password alone, in the value of `Basic` authentication. */
function credentialsOf(value: string): readonly string[] {
  if (!/^[A-Za-z0-9+/_-]{4,}={0,2}$/.test(value)) return [];
  const text = Buffer.from(value, 'base64').toString('utf8');
  const [, password] = /^[ -~]+?:([ -~]{3,})$/.exec(text) ?? [];
  return password === undefined ? [] : [text, password];
}

function inHtml(text: string, apostrophe: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"']/g, (char) => names[char] ?? apostrophe);
}
