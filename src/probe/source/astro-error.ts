/** How Astro 5 to 7 begin an error that they send over hot reload. */
const START = '{"__isEnhancedAstroErrorPayload":true,"type":"error"';

/** Astro's name of an import that leads nowhere, as the JSON has it; such an error has no `id`. */
const NOT_FOUND = '"name":"FailedToLoadModuleSSR"';

/** What Astro writes into a message that its overlay shows as HTML. */
const MARKUP = /<\/?code>|&(?:amp|quot|#39|lt|gt);/g;

const PLAIN: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
};

/** True for a message of hot reload that has an error of Astro's: its payload is Vite's, with more in it. */
export function isAstroError(message: string): boolean {
  return message.startsWith(START);
}

/** True where an import of the file in `loc` leads nowhere. An app that throws has a `loc` too. */
export function isMissingImport(message: string): boolean {
  return message.includes(NOT_FOUND);
}

/** The words of an error without its markup. */
export function plainWords(html: string): string {
  return html.replace(MARKUP, (found) => PLAIN[found] ?? '');
}
