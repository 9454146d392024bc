import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { execa } from 'execa';

const root = new URL('..', import.meta.url).pathname;

/** Small files, each with the rule that must catch it; null where it breaks no wall of DESIGN §1. */
const FILES: [file: string, source: string, rule: string | null][] = [
  [
    'verdict/a.ts',
    "import { x } from '../probe/probe.ts';\nexport const y = x;",
    'no-restricted-imports',
  ],
  ['verdict/b.ts', "import type { X } from '../probe/probe.ts';\nexport type Y = X;", null],
  [
    'verdict/c.ts',
    "import { x } from '../pm2/client.ts';\nexport const y = x;",
    'no-restricted-imports',
  ],
  ['verdict/d.ts', 'export const y = Math.random();', 'no-restricted-properties'],
  ['verdict/e.ts', 'export const y = Date.now();', 'no-restricted-properties'],
  ['time/a.ts', 'export const y = Date.now();', null],
  [
    'probe/a.ts',
    "import { x } from '../verdict/step.ts';\nexport const y = x;",
    'no-restricted-imports',
  ],
  [
    'probe/b.ts',
    "import { x } from '../config/load.ts';\nexport const y = x;",
    'no-restricted-imports',
  ],
  ['probe/c.ts', "import { x } from '../time/clock.ts';\nexport const y = x;", null],
  [
    'action/a.ts',
    "import { x } from '../monitor/monitor.ts';\nexport const y = x;",
    'no-restricted-imports',
  ],
  ['action/b.ts', "import { x } from '../pm2/client.ts';\nexport const y = x;", null],
  [
    'report/a.ts',
    "import { x } from '../monitor/monitor.ts';\nexport const y = x;",
    'no-restricted-imports',
  ],
  [
    'monitor/a.ts',
    "import { x } from '../cli/start.ts';\nexport const y = x;",
    'no-restricted-imports',
  ],
  ['monitor/b.ts', "import pm2 from 'pm2';\nexport const y = pm2;", 'no-restricted-imports'],
  ['pm2/client.ts', "import pm2 from 'pm2';\nexport const y = pm2;", null],
  ['pm2/process.ts', "import io from '@pm2/io';\nexport const y = io;", 'no-restricted-imports'],
  ['monitor/c.ts', "export const y = process.env['X'];", 'no-process-env'],
  ['config/load.ts', "export const y = process.env['X'];", null],
  ['monitor/d.ts', 'export const y = process.argv;', 'no-restricted-properties'],
  ['monitor/e.ts', 'process.exit(1);', 'no-process-exit'],
  ['cli/a.ts', 'process.exit(1);', null],
  ['monitor/f.ts', 'process.kill(4242);', 'no-restricted-properties'],
  ['monitor/g.ts', 'export const { kill } = process;', 'no-restricted-properties'],
  ['monitor/h.ts', "process['kill'](4242);", 'no-restricted-properties'],
  ['cli/b.ts', 'process.kill(4242);', 'no-restricted-properties'],
  ['main.ts', 'process.kill(4242);', 'no-restricted-properties'],
  ['time/b.ts', 'process.kill(4242);', 'no-restricted-properties'],
  ['os/signal.ts', 'process.kill(4242);', null],
  [
    'probe/d.ts',
    "import { x } from '../os/end-tree.ts';\nexport const y = x;",
    'no-restricted-imports',
  ],
  ['probe/e.ts', "import { x } from '../os/own-group.ts';\nexport const y = x;", null],
  ['config/a.ts', 'export default 1;', 'no-default-export'],
];

describe('the linter', () => {
  let dir: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pl-walls-'));
    await copyFile(join(root, '.oxlintrc.json'), join(dir, '.oxlintrc.json'));
    await symlink(join(root, 'node_modules'), join(dir, 'node_modules'), 'junction');
    for (const [file, source] of FILES) {
      const path = join(dir, 'src', file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, `${source}\n`);
    }
  });

  after(() => rm(dir, { recursive: true, force: true }));

  for (const [file, source, rule] of FILES) {
    const what = source.split('\n')[0] ?? '';
    test(`${rule === null ? 'lets pass' : 'catches'}, in src/${file}: ${what}`, async () => {
      const { exitCode, stdout } = await execa(
        process.execPath,
        [join(root, 'node_modules/oxlint/bin/oxlint'), '--format=unix', join('src', file)],
        { cwd: dir, reject: false },
      );
      if (rule === null) assert.equal(exitCode, 0, stdout);
      else assert.ok(stdout.includes(`(${rule})`), stdout);
    });
  }
});
