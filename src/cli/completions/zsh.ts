import type { CliArgument, CliCommand, CliOption } from '../framework/command.ts';
import { HELP } from '../framework/help.ts';
import { COMMON_OPTIONS } from '../framework/parse-arguments.ts';

/** The script for zsh. */
export function zshCompletions(commands: readonly CliCommand[]): readonly string[] {
  return [
    '#compdef pm2-liveness',
    '# zsh completion of pm2-liveness: source <(pm2-liveness completions zsh), after compinit',
    '_pm2_liveness_apps() {',
    '  local -a apps',
    // Without the `@`, for nothing is no app with an empty name.
    '  apps=(${(f)"$(pm2-liveness completions apps 2>/dev/null)"})',
    '  (( ${#apps} )) && compadd -a apps',
    '}',
    '_pm2_liveness() {',
    '  local -a commands',
    '  commands=(',
    ...commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`),
    '  )',
    '  if (( CURRENT == 3 )) && [[ $words[2] == help ]]; then',
    "    _describe 'command' commands",
    '    return',
    '  fi',
    '  if (( CURRENT == 2 )); then',
    `    commands+=(${quoted(`help:${HELP}`)})`,
    "    _describe 'command' commands",
    '    return',
    '  fi',
    '  local command=$words[2]',
    '  shift words',
    '  (( CURRENT-- ))',
    '  case $command in',
    ...commands.flatMap((command) => [
      `    ${command.name})`,
      `      _arguments ${specsOf(command).join(' ')} ;;`,
    ]),
    '  esac',
    '}',
    'compdef _pm2_liveness pm2-liveness',
  ];
}

function specsOf({ options, arguments: wanted }: CliCommand): string[] {
  return [
    ...Object.entries({ ...options, ...COMMON_OPTIONS }).flatMap(optionSpecs),
    ...wanted.map((argument) => quoted(argumentSpec(argument))),
  ];
}

function optionSpecs([name, { short, summary, value }]: [string, CliOption]): string[] {
  const after = `[${escaped(summary)}]${value === undefined ? '' : `:${escaped(value)}: `}`;
  const words = short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
  return words.map((word) => quoted(`(${words.join(' ')})${word}${after}`));
}

function argumentSpec({ name, isMany, completes }: CliArgument): string {
  return `${isMany === true ? '*' : ''}:${escaped(name)}:${actionOf(completes)}`;
}

function actionOf(completes: CliArgument['completes']): string {
  if (completes === undefined) return ' ';
  if (completes === 'app') return '_pm2_liveness_apps';
  return completes === 'file' ? '_files' : `(${completes.join(' ')})`;
}

/** Brackets and colons part the fields of a specification. */
function escaped(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
