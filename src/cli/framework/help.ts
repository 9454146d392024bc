import type { CliCommand, CliIo } from './command.ts';
import { COMMON_OPTIONS, usageOf } from './parse-arguments.ts';
import { definitionLines, wrapText } from './table.ts';

/** The summary of `help`, which is not in the list of commands. */
export const HELP = 'show the help of a command';

/** The help of the program: a line for each command. */
export function programHelp(
  commands: readonly CliCommand[],
  { columns }: Pick<CliIo, 'columns'>,
): string[] {
  return [
    'Usage: pm2-liveness <command>',
    '',
    ...definitionLines(
      commands.map(({ name, summary }) => [`  ${name}`, summary]),
      columns,
    ),
    '',
    ...[
      'pm2-liveness <command> --help shows its options and examples.',
      'Exit codes: 0 all healthy, 1 something is not healthy, 2 wrong usage or configuration, 3 no monitor is running.',
    ].flatMap((line) => wrapText(line, columns)),
  ];
}

/** The help of one command. */
export function commandHelp(command: CliCommand, { columns }: Pick<CliIo, 'columns'>): string[] {
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS });
  return [
    ...wrapText(command.summary, columns),
    '',
    ...wrapText(`Usage: ${usageOf(command)}`, columns),
    '',
    ...definitionLines(
      options.map(([name, { short, value, summary }]) => [
        `  ${short === undefined ? '    ' : `-${short}, `}--${name}${value ? ` ${value}` : ''}`,
        summary,
      ]),
      columns,
    ),
    '',
    'Examples:',
    ...definitionLines(
      command.examples.map(([line, meaning]) => [`  pm2-liveness ${line}`, meaning]),
      columns,
    ),
  ];
}
