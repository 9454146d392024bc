// Shows that every scenario of the chaos suite can fail: takes the guard that its mutation names out
// of a copy of the project, and plays the scenario there, which must then fail.
// `npm run test:mutations` for all, `npm run test:mutations -- 4 7` for some.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

register();
const { SCENARIOS } = await import('./chaos/scenarios.ts');
const root = fileURLToPath(new URL('..', import.meta.url));
const COPIED = ['src', 'test', 'example', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

/** A scenario of many parts waits long in each of them when it fails. */
const LIMIT_MS = 15 * 60_000;

const asked = process.argv.slice(2).map(Number);
const numbers = Object.keys(SCENARIOS)
  .map(Number)
  .filter((each) => asked.length === 0 || asked.includes(each));
const survivors = numbers.filter((number) => !isCaught(number));
console.log(`${numbers.length - survivors.length} passed, ${survivors.length} failed`);
process.exit(survivors.length > 0 ? 1 : 0);

/** True where the scenario fails with its mutation, and says so. */
function isCaught(number) {
  const { mutation } = SCENARIOS[number];
  const copy = mkdtempSync(join(tmpdir(), 'pl-mut-'));
  try {
    for (const each of COPIED) {
      cpSync(join(root, each), join(copy, each), {
        recursive: true,
        filter: (path) => !path.includes('node_modules'),
      });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
    for (const { file, find, put } of mutation.edits) {
      const path = join(copy, file);
      const text = readFileSync(path, 'utf8');
      if (text.split(find).length !== 2) throw new Error(`${number}: not once in ${file}: ${find}`);
      writeFileSync(
        path,
        text.replace(find, () => put),
      );
    }
    const isFound = (name) =>
      name.endsWith('.test.ts') && name.split('-').map(Number).includes(number);
    const file = readdirSync(join(root, 'test/chaos')).find(isFound);
    const build = run(copy, [
      'node_modules/typescript/bin/tsc',
      '-p',
      'tsconfig.build.json',
      '--noCheck',
    ]);
    if (build.status !== 0) throw new Error(`${number}: ${build.stdout}`);
    const pattern = `--test-name-pattern=/^${number}\\. /`;
    const played = run(copy, ['test/run.mjs', pattern, `chaos/${file}`]);
    const why = /^ {4}(?:\w*Error.*)$/m.exec(played.stdout)?.[0].trim() ?? '';
    const isPlayed = /^ℹ tests [1-9]/m.test(played.stdout);
    const caught = isPlayed && played.status !== 0;
    console.log(`${number}. without ${mutation.without}: ${caught ? `fails: ${why}` : 'PASSES'}`);
    return caught;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function run(cwd, args) {
  const ran = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', timeout: LIMIT_MS });
  if (ran.error) throw ran.error;
  return ran;
}
