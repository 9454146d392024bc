import { escapeHtml as escapeEntities } from '../text/escape-html.ts';
import { sanitizeLine } from '../text/sanitize.ts';

/** A piece of HTML that was made by `html`, so that it is not escaped again. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What a template may hold: a text is escaped; null, undefined and false are left out. */
export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

/** A text from outside for HTML: between tags, or in an attribute in double quotes. */
export function escapeHtml(text: string): string {
  return escapeEntities(sanitizeLine(text));
}

/** HTML from a template. Every value is escaped, unless `html` made it too. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = parts[0] ?? '';
  for (const [n, value] of values.entries()) text += textOf(value) + (parts[n + 1] ?? '');
  return new Html(text);
}

/** Lines as they are, in a field that can be scrolled by keyboard; the title is for those who do not see it. */
export function preHtml(title: string, lines: readonly string[]): Html {
  const text = lines.map(escapeHtml).join('\n');
  return new Html(
    `<pre tabindex="0" role="region" aria-label="${escapeHtml(title)}"><code>${text}</code></pre>`,
  );
}

function textOf(value: HtmlValue): string {
  if (value instanceof Html) return value.text;
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if (value === null || value === undefined || value === false) return '';
  let text = '';
  for (const each of value) text += textOf(each);
  return text;
}
