import { readFile, writeFile } from 'node:fs/promises';
import { filled, table } from '../docs/tables/markdown.ts';
import { number, type Findings, type Goal } from './part.ts';

const PAGE = new URL('../docs/PERFORMANCE.md', import.meta.url);

/** The machine of a run. */
interface Machine {
  readonly date: string;
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
}

export function tablesText({ tables }: Findings): string {
  return tables.map(({ head, rows }) => table(head, rows)).join('\n\n');
}

/** A table of the goals, reached or not. */
export function goalsText(goals: readonly Goal[]): string {
  const rows = goals.map(({ what, figure, limit }) => [
    what,
    `≤ ${limit}`,
    number(figure),
    figure <= limit ? 'met' : '**missed**',
  ]);
  return table(['goal', 'wanted', 'found', ''], rows);
}

/** Writes the tables of the parts that ran into the page, each between its marks. */
export async function writeDocs(
  found: Readonly<Record<string, Findings>>,
  { date, node, platform, cores }: Machine,
): Promise<void> {
  let page = await readFile(PAGE, 'utf8');
  for (const [name, findings] of Object.entries(found)) {
    page = filled(page, name, `\n${tablesText(findings)}\n`);
  }
  const goals = Object.values(found).flatMap((findings) => findings.goals);
  page = filled(page, 'goals', `\n${goalsText(goals)}\n`);
  const day = date.slice(0, 10);
  page = filled(page, 'machine', `${day}, Node ${node.slice(1)}, ${platform}, ${cores} cores.`);
  await writeFile(PAGE, page);
}
