// The table of what each recipe's faults came to, from the figures that its tests keep (recipes/figures.ts).

/** Its columns: a fault, and the words above it. */
const COLUMNS = [
  ['watch', 'block that `watch` writes'],
  ['hang', 'hung'],
  ['crash', 'killed'],
  ['typo', 'typo in its source'],
];

/** The lines of a table in Markdown, one for each recipe; empty where there are no figures. */
export function recipesTable(text) {
  const figures = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const recipes = [...new Set(figures.map(({ recipe }) => recipe))].toSorted((a, b) =>
    a.localeCompare(b),
  );
  if (recipes.length === 0) return [];
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const of = (recipe, fault) =>
    figures.findLast((figure) => figure.recipe === recipe && figure.fault === fault);
  return [
    row(['app', ...COLUMNS.map(([, title]) => title)]),
    row(['---', ...COLUMNS.map(() => '---')]),
    ...recipes.map((recipe) =>
      row([recipe, ...COLUMNS.map(([fault]) => cellOf(of(recipe, fault)))]),
    ),
  ];
}

function cellOf(figure) {
  if (figure === undefined) return '';
  const { fault, seen, restarts, ms } = figure;
  // The port of a test is chance, and the folder of its socket is temporary.
  if (fault === 'watch')
    return `\`${seen.replace(/:\d{4,5}\b/, ':<port>').replace(/\/tmp\/[^/]+/, '')}\``;
  const seconds = `${(ms / 1_000).toFixed(1)} s`;
  const ours = restarts === 0 ? 'none by us' : `${restarts} by us`;
  // A pid is chance too.
  const said = seen.replace(/\bits process \d+/, 'its process');
  return fault === 'typo'
    ? `${said}; ${ours}, well ${seconds} after the fix`
    : `${said}; ${ours}, back in ${seconds}`;
}

/** The page with the table between its marks; what was not played now stays as it was. */
export function withTable(page, lines) {
  const [begin, end] = ['<!-- measured -->', '<!-- /measured -->'];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} … ${end}`);
  const before = page
    .slice(from + begin.length, to)
    .trim()
    .split('\n');
  const table = merged(before, lines).join('\n');
  return `${page.slice(0, from + begin.length)}\n${table}\n${page.slice(to)}`;
}

/** The rows of two tables by their first cell, in order; a filled cell of the later one counts. */
function merged(before, lines) {
  const rows = new Map();
  for (const line of [...before.slice(2), ...lines.slice(2)]) {
    const cells = line.split('|').slice(1, -1);
    const old = rows.get(cells[0].trim()) ?? [];
    rows.set(
      cells[0].trim(),
      cells.map((cell, at) => (cell.trim() === '' ? (old[at] ?? cell) : cell)),
    );
  }
  const sorted = [...rows].toSorted(([one], [other]) => one.localeCompare(other));
  return [...lines.slice(0, 2), ...sorted.map(([, cells]) => `|${cells.join('|')}|`)];
}
