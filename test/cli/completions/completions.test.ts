import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { execa } from 'execa';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { complete } from '../../../src/cli/completions/complete.ts';
import { completions } from '../../../src/cli/completions/completions.ts';
import { dispatch } from '../../../src/cli/framework/dispatch.ts';
import { FakeIo } from '../io.ts';
import { offeredByBash, offeredByFish, offeredByZsh } from '../shells.ts';

async function scriptFor(shell: string): Promise<string> {
  const io = new FakeIo();
  assert.equal(await dispatch([completions], ['completions', shell], io), 0);
  assert.deepEqual(io.errLines, []);
  return `${io.outLines.join('\n')}\n`;
}

async function hasShell(shell: string): Promise<boolean> {
  return !(await execa(shell, ['-c', 'exit 0'], { reject: false })).failed;
}

const has = {
  bash: await hasShell('bash'),
  zsh: await hasShell('zsh'),
  fish: await hasShell('fish'),
};

const DIST = new URL('../../../dist/cli/', import.meta.url).href;

/** What `__complete` prints for these words, without the meanings. */
async function completed(
  words: readonly string[],
  apps: readonly string[] = [],
): Promise<readonly string[]> {
  const lines: string[] = [];
  const io = { out: (line: string) => lines.push(line) };
  assert.equal(await complete(COMMANDS, words, io, async () => apps), 0);
  return lines.map((line) => line.replace(/\t.*/s, ''));
}

/** Names that a careless script would run, split or expand. */
const APPS = ['web', 'web-admin', 'my app', '$(touch pwned)', '*', "it's"];

/** The same as bash and zsh want them typed. */
const QUOTED = ['web', 'web-admin', 'my\\ app', '\\$\\(touch\\ pwned\\)', '\\*', "it\\'s"];

describe('completions', () => {
  let dir: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pl-compl-'));
    for (const shell of Object.keys(has)) {
      await writeFile(join(dir, shell), await scriptFor(shell));
    }
    await writeFile(join(dir, 'apps'), `${APPS.join('\n')}\n`);
    // The built program, but for the apps, which stand in a file in place of a monitor's.
    await writeFile(
      join(dir, 'pm2-liveness'),
      `#!${process.execPath}
import(${JSON.stringify(`${DIST}completions/complete.js`)}).then(async ({ complete }) => {
  const { COMMANDS } = await import(${JSON.stringify(`${DIST}commands.js`)});
  const { readFileSync } = require('node:fs');
  const apps = async () => readFileSync(${JSON.stringify(join(dir, 'apps'))}, 'utf8').split('\\n').filter(Boolean);
  const words = process.argv[2] === '__complete' ? process.argv.slice(3) : [];
  await complete(COMMANDS, words, { out: (line) => console.log(line) }, apps);
});
`,
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

  test('has every command and every option', async () => {
    for (const { name, options } of COMMANDS) {
      assert.ok((await completed([''])).includes(name), name);
      const offered = await completed([name, '--']);
      for (const option of Object.keys(options)) {
        assert.ok(offered.includes(`--${option}`), `${name} ${option}`);
      }
    }
  });

  test('offers files by the shell, and no name that a terminal or a shell would obey', async () => {
    assert.deepEqual(await completed(['init', '']), ['files']);
    assert.deepEqual(await completed(['status', ''], ['a\tb', 'a\nb', '\u001B[2J', 'ok']), [
      'words',
      'ok',
    ]);
    assert.deepEqual(await completed(['status', '--', '-'], ['-f', 'web']), ['words', '-f']);
  });

  test('is nothing, and no error, where the apps cannot be had or the command is none', async () => {
    const lines: string[] = [];
    const fail = async (): Promise<never> => Promise.reject(new Error('no monitor'));
    assert.equal(
      await complete(COMMANDS, ['status', ''], { out: (line) => lines.push(line) }, fail),
      0,
    );
    assert.deepEqual(lines, []);
    assert.deepEqual(await completed(['nothing', '']), ['words']);
    assert.ok((await completed([])).includes('status'));
  });

  test('for a shell that is none says which there are', async () => {
    const io = new FakeIo();
    assert.equal(await dispatch([completions], ['completions', 'tcsh'], io), 2);
    assert.deepEqual(io.errLines, ["completions: got 'tcsh'; write bash, zsh, fish"]);
  });

  for (const [shell, offered] of [
    ['bash', offeredByBash],
    ['zsh', offeredByZsh],
    ['fish', offeredByFish],
  ] as const) {
    const skip = has[shell] ? false : `${shell} is not installed`;
    describe(`loaded in ${shell}`, { skip }, () => {
      /** What is offered where the last of these words is being typed, in no order. */
      const offers = async (typed: readonly string[], wanted: readonly string[]): Promise<void> => {
        const found = await offered(dir, typed);
        assert.deepEqual(found.toSorted(), wanted.toSorted(), typed.join(' '));
      };

      test('offers commands, and those that begin as typed', async () => {
        const names = COMMANDS.map(({ name }) => name);
        await offers([''], [...names, 'help']);
        await offers(['st'], ['status', 'stack', 'start', 'stop']);
        await offers(['help', 'ev'], ['events']);
        await offers(['help', ''], names);
      });

      test('offers the options of a command', async () => {
        const options = ['--since', '--follow', '--json', '--schema', '--help', '--no-color'];
        await offers(['events', '--'], options);
        await offers(['status', '--w'], ['--watch']);
      });

      test('offers apps in their place, as they must be typed, and runs none of their names', async () => {
        // Fish quotes as it writes them into the line; what it offers is the name itself.
        const asTyped = shell === 'fish' ? APPS : QUOTED;
        await offers(['status', ''], asTyped);
        await offers(['status', 'web-'], ['web-admin']);
        await offers(['events', '--json', 'web'], ['web', 'web-admin']);
        await offers(['events', '--since', '1h', 'my'], asTyped.slice(2, 3));
        await offers(['check', 'web', 'web-'], ['web-admin']);
        const { exitCode } = await execa('ls', ['pwned'], { cwd: dir, reject: false });
        assert.notEqual(exitCode, 0);
      });

      test('offers no app where a value or no more words are wanted', async () => {
        for (const typed of [
          ['events', '--since', ''],
          ['status', 'web', ''],
          ['config', 'print', 'web', ''],
        ]) {
          const found = await offered(dir, typed);
          // Zsh goes on to options, where no more words are wanted.
          assert.deepEqual(
            found.filter((each) => !each.startsWith('-')),
            [],
          );
        }
      });

      test('offers the words of an argument that has a few', async () => {
        await offers(['config', ''], ['schema', 'print']);
        await offers(['config', 'print', 'web-'], ['web-admin']);
        await offers(['completions', ''], ['bash', 'zsh', 'fish']);
      });

      test('offers nothing, not an app without a name, where no monitor runs', async () => {
        await writeFile(join(dir, 'apps'), '');
        try {
          const found = await offered(dir, ['status', '']);
          // Fish falls back to files where there is nothing else; what it must not do is make a name up.
          assert.ok(!found.includes('') && !found.includes('web'), found.join());
        } finally {
          await writeFile(join(dir, 'apps'), `${APPS.join('\n')}\n`);
        }
      });
    });
  }
});
