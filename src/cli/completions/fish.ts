import type { CliArgument, CliCommand, CliOption } from '../framework/command.ts';
import { HELP } from '../framework/help.ts';
import { COMMON_OPTIONS } from '../framework/parse-arguments.ts';

const PROGRAM = 'complete -c pm2-liveness';

/** The script for fish. */
export function fishCompletions(commands: readonly CliCommand[]): readonly string[] {
  return [
    '# fish completion of pm2-liveness: pm2-liveness completions fish | source',
    ...wordsFunction(commands),
    ...AT_FUNCTION,
    `${PROGRAM} -f`,
    ...commands.map((command) => offerAtStart(command)),
    offerAtStart({ name: 'help', summary: HELP }),
    `${PROGRAM} -n '__pm2_liveness_at help 0' -a ${quoted(commands.map(({ name }) => name).join(' '))}`,
    ...commands.flatMap(linesOf),
  ];
}

/** The words typed so far; an option, and its value where it takes one, is none of them. */
function wordsFunction(commands: readonly CliCommand[]): string[] {
  const valued = commands.flatMap(({ name, options }) =>
    Object.entries(options)
      .filter(([, { type }]) => type === 'string')
      .map(([option]) => quoted(`${name} --${option}`)),
  );
  return [
    'function __pm2_liveness_words',
    '  set -l words',
    '  set -l is_value 0',
    '  for word in (commandline -opc)[2..-1]',
    '    if test $is_value = 1',
    '      set is_value 0',
    '      continue',
    '    end',
    '    switch "$words[1] $word"',
    ...(valued.length === 0 ? [] : [`      case ${valued.join(' ')}`, '        set is_value 1']),
    `      case '* -*'`,
    `      case '*'`,
    '        set -a words $word',
    '    end',
    '  end',
    String.raw`  string join -- \n $words`,
    'end',
  ];
}

/** Whether this many words stand between a command and the cursor; any number where none is named. */
const AT_FUNCTION = [
  'function __pm2_liveness_at',
  '  set -l words (__pm2_liveness_words)',
  '  test "$words[1]" = "$argv[1]"; or return 1',
  '  test (count $argv) = 1; or test (count $words) = (math $argv[2] + 1)',
  'end',
] as const;

function offerAtStart({ name, summary }: Pick<CliCommand, 'name' | 'summary'>): string {
  return `${PROGRAM} -n 'test -z (__pm2_liveness_words)[1]' -a ${name} -d ${quoted(summary)}`;
}

function linesOf({ name, options, arguments: wanted }: CliCommand): string[] {
  return [
    ...Object.entries({ ...options, ...COMMON_OPTIONS }).map(
      ([option, about]) => `${PROGRAM} -n '__pm2_liveness_at ${name}' ${optionText(option, about)}`,
    ),
    ...wanted.flatMap(({ completes, isMany }, at) => {
      const where = isMany === true ? name : `${name} ${at}`;
      if (completes === undefined) return [];
      return [`${PROGRAM} -n '__pm2_liveness_at ${where}' ${offerText(completes)}`];
    }),
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
