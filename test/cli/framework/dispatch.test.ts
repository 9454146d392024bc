import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CliCommand, ParsedArguments } from '../../../src/cli/framework/command.ts';
import { dispatch } from '../../../src/cli/framework/dispatch.ts';
import { LivenessError, type ErrorCode } from '../../../src/errors.ts';
import { FakeIo } from '../io.ts';

let given: ParsedArguments | null = null;

const FIND: CliCommand = {
  name: 'find',
  summary: 'look for something',
  arguments: [{ name: 'app', isRequired: true }],
  options: {
    since: { type: 'string', value: '<duration>', summary: 'what is younger' },
    json: { type: 'boolean', short: 'j', summary: 'as JSON' },
  },
  examples: [['find web', 'look for web']],
  async run(typed) {
    given = typed;
    return 0;
  },
};

function failing(code: ErrorCode | null): CliCommand {
  return {
    ...FIND,
    name: 'fail',
    async run() {
      throw code === null ? new TypeError('a bug') : new LivenessError(code, 'out of luck');
    },
  };
}

/** The printed next step. */
const NEXT: Readonly<Record<string, string>> = {
  ERR_PM2_UNAVAILABLE: '; start one with `pm2 start ecosystem.config.cjs`',
  ERR_PM2_TIMEOUT: '; `pm2-liveness doctor` shows what to do',
};

async function type(
  line: string,
  ...more: readonly CliCommand[]
): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo();
  given = null;
  const code = await dispatch([FIND, ...more], line.split(' ').filter(Boolean), io);
  return { code, io };
}

describe('what is typed', () => {
  test('is given to its command, options before or after the words', async () => {
    for (const line of ['find web --since 1h -j', 'find --since=1h --json web']) {
      assert.equal((await type(line)).code, 0);
      assert.deepEqual(given?.words, ['web']);
      assert.equal(given?.valueOf('since'), '1h');
      assert.equal(given?.has('json'), true);
    }
  });

  test('may begin with what every command takes', async () => {
    assert.equal((await type('--no-color find web --json')).code, 0);
    assert.deepEqual([given?.words, given?.has('json')], [['web'], true]);
    assert.equal((await type('--no-color --version')).code, 0);
  });

  for (const [line, wanted] of [
    ['fnd web', "unknown command 'fnd'; did you mean 'find'?"],
    ['help fnd', "unknown command 'fnd'; did you mean 'find'?"],
    ['--help sing', "unknown command 'sing'; the commands are find"],
    ['--no-color fnd', "unknown command 'fnd'; did you mean 'find'?"],
    ['hlep', "unknown command 'hlep'; did you mean 'help'?"],
    ['--json find', 'unknown option --json before the command; options of a command come after it'],
    ['--verison', "unknown option --verison before the command; did you mean '--version'?"],
    ['sing', "unknown command 'sing'; the commands are find"],
    ['find web --sinse 1h', 'find: unknown option --sinse; did you mean --since?'],
    [
      'find web --volume',
      'find: unknown option --volume; it has --since, --json, --help, --no-color',
    ],
    ['find web --since', 'find: --since needs <duration> after it'],
    ['find web --json=yes', "find: --json takes no value, got 'yes'"],
    ['find', 'find: needs <app>; usage: pm2-liveness find <app> [--since <duration>] [--json]'],
    [
      'find web db',
      "find: unexpected argument 'db'; usage: pm2-liveness find <app> [--since <duration>] [--json]",
    ],
    [
      'find web --constructor',
      'find: unknown option --constructor; it has --since, --json, --help, --no-color',
    ],
  ] as const) {
    test(`\`${line}\` gets one sentence and exit code 2`, async () => {
      const { code, io } = await type(line);
      assert.equal(code, 2);
      assert.deepEqual(io.errLines, [wanted]);
      assert.deepEqual(io.outLines, []);
      assert.equal(given, null);
    });
  }

  test('an error of a command is its message and its exit code, never a stack', async () => {
    for (const [code, exit] of [
      ['ERR_USAGE', 2],
      ['ERR_CONFIG', 2],
      ['ERR_NO_MONITOR', 3],
      ['ERR_PM2_UNAVAILABLE', 3],
      ['ERR_PM2_TIMEOUT', 3],
      ['ERR_PM2_FAILED', 1],
      [null, 1],
    ] as const) {
      const { code: got, io } = await type('fail web', failing(code));
      assert.equal(got, exit);
      const next = NEXT[code ?? ''] ?? '';
      assert.deepEqual(io.errLines, [code === null ? 'a bug' : `out of luck${next}`]);
    }
  });

  test('the version is that of the package', async () => {
    for (const line of ['--version', '-v']) {
      const { code, io } = await type(line);
      assert.equal(code, 0);
      assert.equal(io.outLines.length, 1);
      assert.match(io.outLines[0] ?? '', /^\d+\.\d+\.\d+/);
    }
  });

  test('help is there for the program and for every command, on standard output', async () => {
    for (const line of ['', 'help', '--help', '-h', '--no-color', '--no-color help']) {
      const { code, io } = await type(line);
      assert.equal(code, 0);
      assert.match(io.outLines.join('\n'), /find {2}look for something/);
    }
    for (const line of [
      'help find',
      '-h find',
      '--no-color --help find',
      'find --help',
      'find -h web too many',
    ]) {
      const { code, io } = await type(line);
      assert.equal(code, 0, line);
      assert.match(io.outLines.join('\n'), /Usage: pm2-liveness find <app>/);
      assert.match(io.outLines.join('\n'), /pm2-liveness find web {2}look for web/);
    }
  });
});
