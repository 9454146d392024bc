import type { CliArgument, CliCommand, CliOption } from './command.ts';
import { COMMON_OPTIONS } from './parse-arguments.ts';

const PROGRAM = 'complete -c pm2-liveness';

/** The script for fish. */
export function fishCompletions(commands: readonly CliCommand[]): readonly string[] {
  return [
    '# fish completion of pm2-liveness: pm2-liveness completions fish | source',
    `${PROGRAM} -f`,
    ...commands.flatMap(linesOf),
  ];
}

function linesOf({ name, summary, options, arguments: wanted }: CliCommand): string[] {
  const after = `${PROGRAM} -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
  return [
    `${PROGRAM} -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...Object.entries({ ...options, ...COMMON_OPTIONS }).map(
      ([option, about]) => `${after} ${optionText(option, about)}`,
    ),
    ...wanted.flatMap(({ completes }) =>
      completes === undefined ? [] : [`${after} ${offerText(completes)}`],
    ),
  ];
}

function optionText(name: string, { short, type, summary }: CliOption): string {
  const words = short === undefined ? `-l ${name}` : `-s ${short} -l ${name}`;
  return `${words}${type === 'string' ? ' -x' : ''} -d ${quoted(summary)}`;
}

function offerText(completes: NonNullable<CliArgument['completes']>): string {
  if (completes === 'app') return "-a '(pm2-liveness completions apps 2>/dev/null)'";
  return completes === 'file' ? '-F' : `-a ${quoted(completes.join(' '))}`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
