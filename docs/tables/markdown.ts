/** The lines of a table; a `|` in a cell would end it, and is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** A text as code. */
export function code(text: string): string {
  return `\`${text}\``;
}

/** The page with this in place of what stands between `<!-- name:begin -->` and `<!-- name:end -->`. Throws where they are not there once each. */
export function filled(page: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [before, rest, ...more] = page.split(begin);
  const [, after, ...others] = rest?.split(end) ?? [];
  if (after === undefined || more.length + others.length > 0) {
    throw new Error(`the page has not one ${begin} and one ${end} after it`);
  }
  return `${before}${begin}\n${content}\n${end}${after}`;
}
