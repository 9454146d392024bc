import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { execa } from 'execa';
import { COMMANDS } from '../../src/cli/commands.ts';
import { completionsOf } from '../../src/cli/completions.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { FakeIo } from './io.ts';

const completions = completionsOf(() => COMMANDS);

async function scriptFor(shell: string): Promise<string> {
  const io = new FakeIo();
  assert.equal(await dispatch([completions], ['completions', shell], io), 0);
  assert.deepEqual(io.errLines, []);
  return `${io.outLines.join('\n')}\n`;
}

async function hasShell(shell: string): Promise<boolean> {
  return !(await execa(shell, ['-c', 'exit 0'], { reject: false })).failed;
}

const hasBash = await hasShell('bash');

/** Names that a careless script would run, split or expand. */
const APPS = ['web', 'web-admin', 'my app', '$(touch pwned)', '*', "it's"];

describe('completions', () => {
  let dir: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pl-compl-'));
    for (const shell of ['bash', 'zsh', 'fish']) {
      await writeFile(join(dir, shell), await scriptFor(shell));
    }
    const listing = APPS.map((name) => `'${name.replaceAll("'", "'\\''")}'`).join(' ');
    // Stands for the program, which lists the apps of a monitor.
    await writeFile(
      join(dir, 'pm2-liveness'),
      `#!/bin/sh\n[ "$*" = 'completions apps' ] && printf '%s\\n' ${listing}\n`,
    );
    await chmod(join(dir, 'pm2-liveness'), 0o755);
  });

  after(() => rm(dir, { recursive: true, force: true }));

  for (const [shell, args] of [
    ['bash', ['-n']],
    ['zsh', ['-n']],
    ['fish', ['--no-execute']],
  ] as const) {
    test(`for ${shell} is a script that ${shell} can read`, async (t) => {
      if (!(await hasShell(shell))) return t.skip(`${shell} is not installed`);
      await execa(shell, [...args, join(dir, shell)]);
    });
  }

  test('has every command and every option, whatever the shell', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const script = await scriptFor(shell);
      for (const { name, options } of [...COMMANDS, completions]) {
        assert.match(script, new RegExp(`\\b${name}\\b`), `${shell} ${name}`);
        for (const option of Object.keys(options)) {
          const written = shell === 'fish' ? `-l ${option} ` : `--${option}`;
          assert.ok(script.includes(written), `${shell} ${name} ${option}`);
        }
      }
    }
  });

  test('for a shell that is none says which there are', async () => {
    const io = new FakeIo();
    assert.equal(await dispatch([completions], ['completions', 'tcsh'], io), 2);
    assert.deepEqual(io.errLines, ["completions: got 'tcsh'; write bash, zsh, fish"]);
  });

  describe('loaded in bash', { skip: hasBash ? false : 'bash is not installed' }, () => {
    /** What bash offers where the last of these words is being typed. */
    async function offered(...words: readonly string[]): Promise<string[]> {
      const script = [
        'source ./bash',
        '[[ $(complete -p pm2-liveness) == "complete -F _pm2_liveness pm2-liveness" ]] || exit 9',
        'COMP_WORDS=("$@")',
        'COMP_CWORD=$(($# - 1))',
        '_pm2_liveness pm2-liveness "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}" 2>&1',
        'printf "%s\\n" "${COMPREPLY[@]}"',
      ].join('\n');
      const env = { PATH: `${dir}${delimiter}${process.env['PATH'] ?? ''}` };
      const args = ['--norc', '-c', script, 'bash', 'pm2-liveness', ...words];
      const { stdout } = await execa('bash', args, { cwd: dir, env });
      return stdout.split('\n').filter((line) => line !== '');
    }

    test('offers commands, and those that begin as typed', async () => {
      assert.deepEqual(await offered(''), [...COMMANDS.map(({ name }) => name), 'help']);
      assert.deepEqual(await offered('st'), ['status', 'start', 'stop']);
      assert.deepEqual(await offered('help', 'ev'), ['events']);
    });

    test('offers the options of a command', async () => {
      assert.deepEqual(await offered('events', '--'), [
        '--since',
        '--follow',
        '--json',
        '--help',
        '--no-color',
      ]);
      assert.deepEqual(await offered('status', '--w'), ['--watch']);
    });

    test('offers apps in their place, quoted, and runs none of their names', async () => {
      const quoted = ['web', 'web-admin', 'my\\ app', '\\$\\(touch\\ pwned\\)', '\\*', "it\\'s"];
      assert.deepEqual(await offered('status', ''), quoted);
      assert.deepEqual(await offered('status', 'web-'), ['web-admin']);
      assert.deepEqual(await offered('events', '--json', 'web'), ['web', 'web-admin']);
      assert.deepEqual(await offered('events', '--since', '1h', 'my'), ['my\\ app']);
      assert.deepEqual(await offered('check', 'web', 'web-'), ['web-admin']);
      const { exitCode } = await execa('ls', ['pwned'], { cwd: dir, reject: false });
      assert.notEqual(exitCode, 0);
    });

    test('offers nothing where a value or no more words are wanted', async () => {
      assert.deepEqual(await offered('events', '--since', ''), []);
      assert.deepEqual(await offered('status', 'web', ''), []);
    });

    test('offers the words of an argument that has a few', async () => {
      assert.deepEqual(await offered('config', ''), ['schema', 'print']);
      assert.deepEqual(await offered('config', 'print', 'web-'), ['web-admin']);
      assert.deepEqual(await offered('completions', ''), ['bash', 'zsh', 'fish']);
    });
  });
});
