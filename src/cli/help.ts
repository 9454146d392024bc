import type { CliCommand, CliIo } from './command.ts';
import { COMMON_OPTIONS, usageOf } from './parse-arguments.ts';
import { tableLines } from './table.ts';

/** What `help` does, which is no command of its own. */
export const HELP = 'tell of a command';

/** The help of the program: a line for each command. */
export function programHelp(commands: readonly CliCommand[], { columns }: CliIo): string[] {
  return [
    'Usage: pm2-liveness <command>',
    '',
    ...tableLines(
      commands.map(({ name, summary }) => [{ text: `  ${name}` }, { text: summary }]),
      columns,
    ),
    '',
    'pm2-liveness <command> --help tells more, with examples.',
    'Exit codes: 0 healthy, 1 something is not, 2 usage or configuration, 3 no monitor runs.',
  ];
}

/** The help of one command. */
export function commandHelp(command: CliCommand, { columns }: CliIo): string[] {
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS });
  return [
    command.summary,
    '',
    `Usage: ${usageOf(command)}`,
    '',
    ...tableLines(
      options.map(([name, { short, value, summary }]) => [
        {
          text: `  ${short === undefined ? '    ' : `-${short}, `}--${name}${value ? ` ${value}` : ''}`,
        },
        { text: summary },
      ]),
      columns,
    ),
    '',
    'Examples:',
    ...tableLines(
      command.examples.map(([line, meaning]) => [
        { text: `  pm2-liveness ${line}` },
        { text: meaning },
      ]),
      columns,
    ),
  ];
}
