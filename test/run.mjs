// Runs the test files below the given folders (default: unit and integration alike) with Node's own
// runner. Node 20 takes no globs and finds no .ts files by itself, so the list is made here.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SUITES } from './suites.mjs';

/** No test takes so long; one that hangs is named and fails, and the run goes on. */
const LIMIT_MS = 20 * 60_000;

const root = fileURLToPath(new URL('.', import.meta.url));
const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
/** Folders and files below test/; `@unit` stands for those of a suite. */
const wanted = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith('--'))
  .flatMap((word) => (word.startsWith('@') ? suite(word.slice(1)) : [word]));

const wantsUnit = process.argv.includes('@unit');

function suite(name) {
  const words = SUITES[name];
  if (words) return words;
  console.error(`got @${name}; the suites are ${Object.keys(SUITES).join(', ')}`);
  process.exit(1);
}

/** True for a test file that lies below one of the wanted folders; a leading `!` leaves one out. */
function isWanted(file) {
  const isBelow = (folder) => file === folder || file.startsWith(`${folder}/`);
  const left = wanted.filter((folder) => folder.startsWith('!')).map((folder) => folder.slice(1));
  const taken = wanted.filter((folder) => !folder.startsWith('!'));
  return !left.some(isBelow) && (taken.length === 0 || taken.some(isBelow));
}

const files = readdirSync(root, { recursive: true })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.test.ts') && isWanted(file))
  .sort((a, b) => a.localeCompare(b))
  .map((file) => join(root, file));

if (files.length === 0) {
  console.error(`no test file below ${wanted.join(', ') || root}`);
  process.exit(1);
}

/**
 * One file for each folder, which loads the test files of that folder, the folder with most files first: to
 * start a process and to compile the same sources for each of 250 files takes half of the suite's time.
 */
function byFolder(paths, into) {
  const folders = new Map();
  for (const path of paths) {
    const folder = relative(root, dirname(path)).replaceAll('\\', '/');
    folders.set(folder, [...(folders.get(folder) ?? []), path]);
  }
  return [...folders]
    .sort(([, a], [, b]) => b.length - a.length)
    .flatMap(([folder, members]) => {
      // What stands directly in test/ is of no room, and has the process to itself.
      if (folder === '' || members.length === 1) return members;
      const entry = join(into, `${folder.replaceAll('/', '-')}.test.mjs`);
      const lines = members.map((path) => `await import('${pathToFileURL(path).href}');`);
      writeFileSync(entry, lines.join('\n'));
      return [entry];
    });
}

/**
 * How often the files that failed are run again, each alone. CI sets 1, because one late answer or early timer on a
 * busy machine would cost the run of an hour. What passes only then is named: such a test has a fault. By itself
 * `npm test` never runs one twice.
 */
const RETRIES = Number(process.env['TEST_RETRIES'] ?? 0);

console.log(`on Node ${process.versions.node}`);
// PM2's library makes folders there as soon as it is loaded, and must not do so in the user's own.
const home = mkdtempSync(join(tmpdir(), 'pl-'));
const failures = join(home, 'failures');

/** A test file below test/, or the folder of which an entry loads all. */
function nameOf(path) {
  return dirname(path) === home ? basename(path, '.test.mjs') : relative(root, path);
}

/** Runs test files to their end: its exit code, and the files in which something failed. */
function run(paths, more) {
  writeFileSync(failures, '');
  const runner = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      `--import=${new URL('support/name-failed-file.mjs', import.meta.url)}`,
      '--test',
      '--test-reporter=spec',
      `--test-timeout=${LIMIT_MS}`,
      ...options,
      ...more,
      ...paths,
    ],
    { stdio: 'inherit', env: { ...process.env, PM2_HOME: home, FAILED_FILES: failures } },
  );
  return new Promise((resolve) => {
    runner.on('exit', (code) => {
      resolve({
        code: code ?? 1,
        failed: [...new Set(readFileSync(failures, 'utf8').split('\n').filter(Boolean))],
      });
    });
  });
}

let { code, failed } = await run(wantsUnit ? byFolder(files, home) : files, []);
for (let left = RETRIES; code !== 0 && failed.length > 0 && left > 0; left -= 1) {
  const names = failed.map(nameOf).join(', ');
  console.log(`\nfailed, and run again, each alone: ${names}`);
  ({ code, failed } = await run(failed, ['--test-concurrency=1']));
  if (code === 0) console.log(`\nUNSTEADY: passed only when run again: ${names}`);
}
rmSync(home, { recursive: true, force: true });
process.exit(code);
