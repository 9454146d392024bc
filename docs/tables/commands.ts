import type { CliCommand } from '../../src/cli/framework/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { usageOf } from '../../src/cli/framework/parse-arguments.ts';
import { code, table } from './markdown.ts';

/** Every command as it is typed after `npx pm2-liveness`, in the words of its help. */
export function commandsTable(): string {
  return table(['command', 'does'], COMMANDS.map(rowOf));
}

function rowOf(command: CliCommand): string[] {
  return [code(usageOf(command).replace(/^pm2-liveness /, '')), command.summary];
}
