// Runs the suites on each Node that the project promises, the integration suites under the daemons of
// PM2 7 and 6, and closes with one table. `npm run test:matrix` for all of it, `-- --smoke` for a part
// of each, `-- --node 24` for one line. What could not be run has failed.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nodeBinary, NODES } from './support/node-binaries.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
/** The versions of PM2 that the project has installed, by their major. */
const PM2 = { 7: require('pm2/package.json').version, 6: require('pm2-6/package.json').version };
const { values } = parseArgs({ options: { smoke: { type: 'boolean' }, node: { type: 'string' } } });

const SUITES = {
  unit: ['@unit'],
  integration: ['integration', 'slow'],
};
const SMOKE = {
  unit: ['config', 'pm2', 'probe'],
  integration: ['integration/recovery.test.ts'],
  // The inspector differs from Node to Node: a blocked thread, one in a system call, a free one.
  hangs: ['slow/hangs.test.ts', '--test-name-pattern=^(busy loop|execSync|promise)$'],
};
/** They start no daemon: only the Node is checked. */
const WITHOUT_PM2 = ['unit', 'hangs'];

const floor = `>=${NODES[0].split('.').slice(0, 2).join('.')}`;
const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
if (engines.node !== floor) {
  throw new Error(`engines.node: got '${engines.node}', the matrix begins with '${floor}'`);
}
const nodes = NODES.filter((node) => !values.node || node.startsWith(`${values.node}.`));
if (nodes.length === 0) throw new Error(`--node: got '${values.node}'; write 20, 22 or 24`);

const folder = mkdtempSync(join(tmpdir(), 'pl-matrix-'));
const rows = [];
try {
  const runs = nodes.flatMap(runsOf);
  // The parts of a smoke mostly wait; whole suites keep both cores of a small machine busy by themselves.
  const lanes = values.smoke ? 2 : 1;
  await Promise.all(Array.from({ length: lanes }, () => lane(runs)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
closingTable();
process.exit(rows.every(({ trouble }) => trouble === '') ? 0 : 1);

/** What is run on one Node; one line that has failed already where there is no such Node. */
function runsOf(node) {
  try {
    const binary = nodeBinary(node);
    const major7 = { node, binary, pm2: '7' };
    const major6 = { node, binary, pm2: '6', suite: 'integration' };
    const runs = [
      { ...major7, suite: 'unit' },
      { ...major7, suite: 'integration' },
      // Without --smoke the slow suite has all twelve.
      ...(values.smoke ? [{ ...major7, suite: 'hangs' }] : []),
    ];
    return values.smoke && node !== nodes.at(-1) ? runs : [...runs, major6];
  } catch (error) {
    console.error(error.message);
    rows.push({ node, pm2: '', suite: 'all', trouble: 'there is no such Node here' });
    return [];
  }
}

async function lane(runs) {
  for (let run = runs.shift(); run; run = runs.shift()) {
    const beganAt = performance.now();
    const told = `Node ${run.node}, PM2 ${run.pm2}, ${run.suite}`;
    console.log(`${told}: begins`);
    const { code, text, seen } = await play(run);
    const counts = countsIn(text);
    const trouble = troubleOf(run, code, counts, text, seen);
    if (trouble !== '') console.log(text);
    const seconds = Math.round((performance.now() - beganAt) / 1_000);
    console.log(`${told}: ${trouble || 'passed'} (${seconds} s)`);
    const daemons = WITHOUT_PM2.includes(run.suite)
      ? '–'
      : [...new Set(seen.map(({ daemon }) => daemon.pm2))];
    rows.push({ ...run, node: sayingNode(text), pm2: String(daemons), counts, seconds, trouble });
  }
}

/** Runs one suite, and gives what it printed and what its sandboxes saw. */
function play({ node, binary, pm2, suite }) {
  const file = join(folder, `${node}-${pm2}-${suite}`);
  writeFileSync(file, '');
  const args = (values.smoke ? SMOKE : SUITES)[suite];
  const concurrency = values.smoke ? 1 : 2;
  const child = spawn(
    binary,
    [join(root, 'test/run.mjs'), `--test-concurrency=${concurrency}`, ...args],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // PM2 starts a daemon's apps, and npm its scripts, with the `node` that comes first in PATH.
      env: {
        ...process.env,
        PATH: `${dirname(binary)}${delimiter}${process.env.PATH}`,
        NODE: binary,
        TEST_PM2: pm2,
        TEST_VERSIONS: file,
      },
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
      resolve({ code, text, seen: lines.map((line) => JSON.parse(line)) });
    });
  });
}

/** The last lines of Node's own reporter: tests, pass, fail, cancelled, skipped. */
function countsIn(text) {
  return Object.fromEntries(
    [...text.matchAll(/^ℹ (\w+) (\d+)$/gm)].map(([, key, count]) => [key, Number(count)]),
  );
}

/** The version that the runner said it runs on. */
function sayingNode(text) {
  return /^on Node (\S+)$/m.exec(text)?.[1] ?? '?';
}

/** Why a run does not count as passed; empty where it does. A green run on another Node or PM2 does not. */
function troubleOf({ node, pm2, suite }, code, { tests = 0, fail = 0 }, text, seen) {
  if (code !== 0 || fail > 0) return 'FAILED';
  if (tests === 0) return 'no test was run';
  const nodes = new Set([sayingNode(text)]);
  for (const { test, daemon, apps } of seen) {
    for (const each of [test, daemon.node, ...Object.values(apps)]) nodes.add(each);
    if (daemon.pm2 !== PM2[pm2]) return `a daemon of PM2 ${daemon.pm2}, not ${PM2[pm2]}`;
  }
  const others = [...nodes].filter((each) => each !== node);
  if (others.length > 0) return `Node ${others.join(', ')} ran, not ${node} alone`;
  const isShown = seen.some(({ apps }) => 'pm2-liveness' in apps);
  return WITHOUT_PM2.includes(suite) || isShown ? '' : 'no monitor was seen';
}

function closingTable() {
  const table = [['node', 'pm2', 'suite', 'passed', 'failed', 'skipped', 'seconds', '']];
  const order = ({ node, suite, pm2 }) => `${node} ${suite === 'unit' ? 0 : 1} ${pm2}`;
  for (const row of rows.sort((a, b) => order(a).localeCompare(order(b)))) {
    const { pass, fail = 0, cancelled = 0, skipped } = row.counts ?? {};
    const figures = [pass, row.counts && fail + cancelled, skipped, row.seconds];
    const cells = figures.map((figure) => String(figure ?? '–'));
    table.push([row.node, row.pm2, row.suite, ...cells, row.trouble]);
  }
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  console.log('');
  for (const row of table) {
    console.log(
      row
        .map((cell, at) => cell.padEnd(widths[at]))
        .join('  ')
        .trimEnd(),
    );
  }
}
