import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.ts';
import { commandHelp, programHelp } from '../../src/cli/framework/help.ts';

const usual = { columns: 80 };
const narrow = { columns: 40 };

/** Nothing is cut, and nothing but an example to be copied is longer than the terminal is wide. */
function assertWhole(lines: readonly string[], columns: number): void {
  for (const line of lines) {
    assert.ok(line.length <= columns || line.startsWith('  pm2-liveness '), line);
  }
  assert.deepEqual(
    lines.filter((line) => line.endsWith('…')),
    [],
  );
}

describe('the help', () => {
  test('of the program names every command once, and nothing in it is cut', () => {
    const lines = programHelp(COMMANDS, usual);
    assertWhole(lines, 80);
    assertWhole(programHelp(COMMANDS, narrow), 40);
    for (const { name } of COMMANDS) {
      assert.equal(lines.filter((line) => line.startsWith(`  ${name} `)).length, 1, name);
    }
  });

  for (const command of COMMANDS) {
    test(`of ${command.name} has examples of it that are not cut`, () => {
      assert.ok(command.examples.length > 0);
      for (const [line] of command.examples) {
        assert.equal(line.split(' ')[0], command.name);
      }
      assertWhole(commandHelp(command, usual), 80);
      assertWhole(commandHelp(command, narrow), 40);
    });
  }
});
