import { closeSync, openSync } from 'node:fs';
import { ExpressionJudge } from '../../../src/probe/expression/judge.ts';
import { LightAbortController } from '../../../src/time/light-abort.ts';

// Judges expressions before, while and after no descriptors are left; prints what came of it.
const judge = new ExpressionJudge();
const texts = [`${'a'.repeat(40)}!`];
const ask = async (source: string): Promise<void> => {
  const request = { source, flags: '', texts, isSuspect: false };
  const verdict = await judge.judge(request, new LightAbortController());
  console.log(typeof verdict === 'string' ? verdict : 'unable');
};
await ask('a+');
const taken: number[] = [];
try {
  for (;;) taken.push(openSync('/dev/null', 'r'));
} catch {
  // EMFILE, which was wanted
}
for (const source of ['a+', '^(a+)+$', 'a+']) await ask(source);
for (const descriptor of taken) closeSync(descriptor);
await ask('a+');
