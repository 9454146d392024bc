import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.ts';
import { commandHelp, programHelp } from '../../src/cli/help.ts';
import { FakeIo } from './io.ts';

const io = new FakeIo();

/** What does not fit into 80 columns is cut, with an ellipsis at its end. */
function assertWhole(lines: readonly string[]): void {
  assert.deepEqual(
    lines.filter((line) => line.endsWith('…')),
    [],
  );
}

describe('the help', () => {
  test('of the program names every command once, and nothing in it is cut', () => {
    const lines = programHelp(COMMANDS, io);
    assertWhole(lines);
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
      assertWhole(commandHelp(command, io));
    });
  }
});
