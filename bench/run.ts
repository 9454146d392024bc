// `npm run bench`: what the monitor costs and how fast it is, each figure beside something that was
// run with it. `-- <part…>` runs these parts alone, `--quick` takes fewer rounds, `--docs` writes the
// tables of a whole run into docs/PERFORMANCE.md.
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { detection } from './detection.ts';
import { footprint } from './footprint.ts';
import { growth } from './growth.ts';
import { listing } from './listing.ts';
import type { Findings, Part } from './part.ts';
import { probeCost } from './probe-cost.ts';
import { profile } from './profile.ts';
import { recovery } from './recovery/recovery.ts';
import { scale } from './scale.ts';
import { goalsText, writeDocs, tablesText } from './tell.ts';

const PARTS: readonly Part[] = [
  recovery,
  detection,
  probeCost,
  scale,
  listing,
  footprint,
  growth,
  profile,
];
const RESULTS = new URL('results.json', import.meta.url);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((wanted) => !PARTS.some(({ name }) => name === wanted));
if (unknown.length > 0) {
  console.error(
    `no part ${unknown.join(', ')}; there are ${PARTS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

if (values.docs && (values.quick || positionals.length > 0)) {
  console.error('--docs takes a whole run: no part by name, and not --quick');
  process.exit(2);
}

const found: Record<string, Findings> = {};
const beganAt = performance.now();
for (const part of PARTS) {
  const { name } = part;
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const partBeganAt = performance.now();
  const findings = await part.run(values.quick);
  found[name] = findings;
  const seconds = ((performance.now() - partBeganAt) / 1_000).toFixed(0);
  console.log(`\n## ${name} (${seconds} s)\n\n${tablesText(findings)}\n`);
  if (findings.goals.length > 0) console.log(`${goalsText(findings.goals)}\n`);
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
