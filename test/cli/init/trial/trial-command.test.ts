import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { trialCommand } from '../../../../src/cli/init/trial/trial-command.ts';

const dir = mkdtempSync(join(tmpdir(), 'pl-trial-'));
for (const name of ['app.js', 'app.py', 'app.ts', 'run']) writeFileSync(join(dir, name), '');
after(() => rmSync(dir, { recursive: true }));

const node = process.execPath;

describe('the command of a start on trial', () => {
  for (const [what, app, file, args] of [
    ['a script of Node', { script: 'app.js' }, node, [join(dir, 'app.js')]],
    [
      'options and quoted arguments',
      { script: 'app.js', node_args: '--no-warnings', args: `--name "my app" -x` },
      node,
      ['--no-warnings', join(dir, 'app.js'), '--name', 'my app', '-x'],
    ],
    ['another language by its end', { script: 'app.py' }, 'python3', [join(dir, 'app.py')]],
    [
      'an interpreter',
      { script: 'app.ts', interpreter: 'bun', interpreter_args: ['run'] },
      'bun',
      ['run', join(dir, 'app.ts')],
    ],
    ['a program of its own', { script: 'run', interpreter: 'none' }, join(dir, 'run'), []],
    ['npm', { script: 'npm', args: ['run', 'dev'] }, 'npm', ['run', 'dev']],
    ['a line for a shell', { script: 'node app.js --x' }, 'sh', ['-c', 'node app.js --x']],
  ] as const) {
    test(`knows ${what}`, () => {
      const command = trialCommand(app, dir);
      assert.deepEqual([command?.file, command?.args, command?.cwd], [file, args, dir]);
    });
  }

  test('starts in the folder of the app, with the plain values of its environment', () => {
    const env = { PORT: 3000, DEBUG: true, NESTED: { a: 1 } };
    const command = trialCommand({ script: 'npm', cwd: 'web', env }, dir);
    assert.equal(command?.cwd, join(dir, 'web'));
    assert.deepEqual(command.env, { PORT: '3000', DEBUG: 'true' });
  });

  for (const app of [{}, { script: '' }, { script: 'gone.js' }, { script: 'app.ts' }]) {
    test(`is none for ${JSON.stringify(app)}`, () => {
      assert.equal(trialCommand(app, dir), null);
    });
  }
});
