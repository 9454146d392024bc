import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProbe } from '../../../src/probe/registry.ts';
import { runProbe } from '../../../src/probe/runner.ts';
import { verdictOf } from './ask.ts';

// Asks with an `exec` probe before, while and after no descriptors are left; prints what came of it.
const probe = createProbe({ type: 'exec', file: 'true', args: [], env: {} });
const ask = async (): Promise<string> =>
  verdictOf(await runProbe(probe, { now: () => performance.now(), timeoutMs: 5_000 }));
const samples = [await ask()];
const taken: number[] = [];
for (let round = 0; round < 12; round += 1) {
  takeAll();
  // What the last round had open may close a moment later.
  await sleep(20);
  takeAll();
  // From none to five to spare: a start needs more.
  for (let spare = round % 6; spare > 0; spare -= 1) closeSync(taken.pop() ?? 0);
  samples.push(await ask());
}
for (const descriptor of taken) closeSync(descriptor);
samples.push(await ask());
console.log(JSON.stringify(samples));

function takeAll(): void {
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    // EMFILE, which was wanted
  }
}
