import { closeSync, openSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { LinuxReader } from '../../../src/os/linux/reader.ts';
import { systemClock } from '../../../src/time/clock.ts';

// Looks at the made-up /proc of its argument; descriptors run out in the middle of the look and of
// another's turn. Prints how many processes each look saw; null is "not known".
const reader = new LinuxReader(systemClock, process.argv[2] ?? '');
const taken: number[] = [];
const seen = [(await reader.processes())?.size ?? null];
const looking = reader.processes();
await turn();
takeAll();
seen.push((await looking)?.size ?? null);
// The look had some open itself, which are free again.
takeAll();
seen.push((await reader.births([1, 2]))?.size ?? null);
for (const descriptor of taken) closeSync(descriptor);
seen.push((await reader.births([1, 2]))?.size ?? null);
console.log(JSON.stringify(seen));

function takeAll(): void {
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    // EMFILE, which was wanted
  }
}
