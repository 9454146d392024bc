// Runs the chaos suite, and closes with one table of all scenarios. A scenario of the table that was
// not played, or failed, fails the run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'pl-chaos-'));
const file = join(folder, 'rows');
writeFileSync(file, '');

/** Operators who act within milliseconds of our restart, and thirty apps at once: these want the machine for themselves. */
const ALONE = ['chaos/16-17-operator.test.ts', 'chaos/lost-stopped.test.ts'];

function play(words, concurrency) {
  const args = [join(root, 'run.mjs'), `--test-concurrency=${concurrency}`, ...words];
  const env = { ...process.env, CHAOS_ROWS: file };
  return spawnSync(process.execPath, args, { stdio: 'inherit', env }).status === 0;
}

const isPassed =
  wanted.length > 0
    ? play(wanted, 3)
    : [play(['chaos', ...ALONE.map((each) => `!${each}`)], 3), play(ALONE, 1)].every(Boolean);
const rows = readFileSync(file, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((row) => JSON.parse(row));
rmSync(folder, { recursive: true, force: true });

const cells = rows
  .sort((a, b) => a.number - b.number || a.part.localeCompare(b.part))
  .map(({ number, fault, part, restarts, to200Ms, final }) => [
    String(number),
    part ? `${fault}: ${part}` : fault,
    String(restarts),
    to200Ms === null ? '–' : `${(to200Ms / 1_000).toFixed(1)} s`,
    final,
  ]);
const table = [['#', 'fault', 'restarts', 'to 200', 'final state'], ...cells];
const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
console.log('');
for (const row of table) console.log(row.map((cell, at) => cell.padEnd(widths[at])).join('  '));

const listed = readFileSync(join(root, 'chaos/scenarios.ts'), 'utf8').matchAll(/^ {2}(\d+): \{/gm);
const missing = [...listed]
  .map(([, number]) => Number(number))
  .filter((number) => !rows.some((row) => row.number === number));
if (missing.length > 0 && wanted.length === 0) {
  console.log(`\nnot played, or failed: ${missing.join(', ')}`);
}
process.exit(!isPassed || (missing.length > 0 && wanted.length === 0) ? 1 : 0);
