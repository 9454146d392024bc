// `npm run bench`: what the monitor costs and how fast it is, each figure compared with something in the same
// run. `-- <part…>` runs only these parts, `--quick` runs fewer rounds, `--docs` writes the tables of a whole
// run into docs/PERFORMANCE.md, `--beside <revision>` runs another build in turn.
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { besides } from './beside.ts';
import { checkOut } from './checkout.ts';
import { detection } from './detection.ts';
import { execCost } from './exec-cost.ts';
import { faults } from './faults/faults.ts';
import { footprint } from './footprint.ts';
import { growth } from './growth.ts';
import { history } from './history.ts';
import { listener } from './listener.ts';
import { listing } from './listing.ts';
import type { Findings, Part } from './part.ts';
import { probeCost } from './probe-cost.ts';
import { profile } from './profile.ts';
import { recovery } from './recovery/recovery.ts';
import { scale } from './scale.ts';
import { stress } from './stress.ts';
import { goalsText, writeDocs, tablesText } from './tell.ts';

const PARTS: readonly Part[] = [
  recovery,
  faults,
  detection,
  probeCost,
  execCost,
  scale,
  stress,
  listing,
  footprint,
  growth,
  history,
  listener,
  profile,
];

/** They measure another build beside this one themselves. */
const OF_BOTH: readonly Part[] = [faults, stress];
const RESULTS = new URL('results.json', import.meta.url);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
    beside: { type: 'string' },
  },
});
const unknown = positionals.filter((wanted) => !PARTS.some(({ name }) => name === wanted));
if (unknown.length > 0) {
  console.error(
    `no part ${unknown.join(', ')}; there are ${PARTS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

if (values.docs && (values.quick || positionals.length > 0 || values.beside !== undefined)) {
  console.error('--docs takes a whole run: no part by name, and neither --quick nor --beside');
  process.exit(2);
}

const found: Record<string, Findings> = {};
const beganAt = performance.now();
const wanted = PARTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const show = (name: string, findings: Findings, seconds: number): void => {
  found[name] = findings;
  console.log(`\n## ${name} (${seconds.toFixed(0)} s)\n\n${tablesText(findings)}\n`);
  if (findings.goals.length > 0) console.log(`${goalsText(findings.goals)}\n`);
};
const timed = async (name: string, work: () => Promise<Findings>): Promise<void> => {
  const partBeganAt = performance.now();
  show(name, await work(), (performance.now() - partBeganAt) / 1_000);
};
const { beside, quick } = values;
const other = beside === undefined ? null : await checkOut(beside);
try {
  if (other !== null) {
    // The profile has no figures to compare, and these parts run with both builds anyway.
    const comparable = wanted.filter((part) => !OF_BOTH.includes(part) && part !== profile);
    if (comparable.length > 0) {
      await timed(`beside ${other.name}`, () => besides(comparable, other, quick));
    }
    for (const part of OF_BOTH)
      if (wanted.includes(part)) await timed(part.name, () => part.run(quick, other));
  } else {
    for (const part of wanted) await timed(part.name, () => part.run(quick));
  }
} finally {
  await other?.close();
}
const machine = {
  date: new Date().toISOString(),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  cores: cpus().length,
  isQuick: values.quick,
  seconds: (performance.now() - beganAt) / 1_000,
};
await writeFile(RESULTS, `${JSON.stringify({ machine, parts: found }, null, 1)}\n`);
console.log(`${machine.seconds.toFixed(0)} s in all; figures in bench/results.json`);
if (values.docs) await writeDocs(found, machine);
