/** The start of a comment or of a script. */
const NEXT = /<!--|<script(?=[\s/>])/gi;
/** One attribute, or the end of the tag. */
const ATTRIBUTE = /[\s/]*(?:(>)|([^\s=>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']*)))?)/y;
const SCRIPT_END = /<\/script/gi;

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
};

/** At most this many scripts are read; a page of Vite has a few. */
const MAX_SCRIPTS = 500;

/**
 * The `src` of every module script of a page, in order, up to 500. One pass from left to right, so that any
 * page takes linear time.
 */
export function moduleScriptsOf(html: string): readonly string[] {
  const sources: string[] = [];
  let at = 0;
  while (sources.length < MAX_SCRIPTS) {
    const next = matchFrom(NEXT, html, at);
    if (next === undefined) return sources;
    at = next.index + next[0].length;
    if (next[0] === '<!--') {
      const end = html.indexOf('-->', at);
      if (end === -1) return sources;
      at = end;
      continue;
    }
    const tag = readAttributes(html, at);
    const source = tag.attributes.get('src');
    if (tag.attributes.get('type')?.toLowerCase() === 'module' && source !== undefined) {
      sources.push(source.replace(/&(?:amp|quot|#39|lt|gt);/g, (entity) => ENTITIES[entity] ?? ''));
    }
    const end = matchFrom(SCRIPT_END, html, tag.end);
    if (end === undefined) return sources;
    at = end.index;
  }
  return sources;
}

/** The attributes of a tag that begins at `start`, names in lower case, and where it ends. */
function readAttributes(
  html: string,
  start: number,
): { attributes: ReadonlyMap<string, string>; end: number } {
  const attributes = new Map<string, string>();
  let end = start;
  for (;;) {
    const found = matchFrom(ATTRIBUTE, html, end);
    if (found === undefined) return { attributes, end };
    end = found.index + found[0].length;
    const [, close, name, double, single, bare] = found;
    if (close !== undefined || name === undefined) return { attributes, end };
    attributes.set(name.toLowerCase(), double ?? single ?? bare ?? '');
  }
}

function matchFrom(expression: RegExp, text: string, at: number): RegExpExecArray | undefined {
  expression.lastIndex = at;
  return expression.exec(text) ?? undefined;
}
