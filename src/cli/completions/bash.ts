import type { CliArgument, CliCommand } from '../framework/command.ts';
import { COMMON_OPTIONS } from '../framework/parse-arguments.ts';

/** The script for bash. Words are compared and quoted one by one, for `compgen -W` would expand names. */
export function bashCompletions(commands: readonly CliCommand[]): readonly string[] {
  return [
    '# bash completion of pm2-liveness: source <(pm2-liveness completions bash)',
    ...OFFER,
    '_pm2_liveness() {',
    '  local program=$1 cur=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} at position=0',
    '  COMPREPLY=()',
    '  if ((COMP_CWORD == 1)); then',
    `    ${offer([...commands.map(({ name }) => name), 'help'])}`,
    '    return',
    '  fi',
    ...positionLines(commands),
    '  if [[ $cur == -* ]]; then',
    '    case $command in',
    ...commands.map((command) => `      ${command.name}) ${offer(optionsOf(command))} ;;`),
    '    esac',
    '    return',
    '  fi',
    '  case "$command $position" in',
    `    'help 0') ${offer(commands.map(({ name }) => name))} ;;`,
    ...commands.flatMap(argumentCases),
    '  esac',
    '}',
    'complete -F _pm2_liveness pm2-liveness',
  ];
}

const OFFER = [
  '_pm2_liveness_offer() {',
  '  local word quoted',
  '  for word in "$@"; do',
  '    [[ $word == "$cur"* ]] || continue',
  '    printf -v quoted \'%q\' "$word"',
  '    COMPREPLY+=("$quoted")',
  '  done',
  '}',
  '_pm2_liveness_apps() {',
  '  local name',
  '  while IFS= read -r name; do _pm2_liveness_offer "$name"; done \\',
  '    < <("$program" completions apps 2>/dev/null)',
  '}',
] as const;

/** How many words stand between the command and the cursor; the value of an option is none of them. */
function positionLines(commands: readonly CliCommand[]): string[] {
  return [
    '  for ((at = 2; at < COMP_CWORD; at++)); do',
    '    case "$command ${COMP_WORDS[at]}" in',
    ...valueOptions(commands),
    `      *' -'*) ;;`,
    '      *) ((position++)) ;;',
    '    esac',
    '  done',
    '  ((at > COMP_CWORD)) && return # the value of an option is typed',
  ];
}

/** A word that takes the next one along. */
function valueOptions(commands: readonly CliCommand[]): string[] {
  const words = commands.flatMap(({ name, options }) =>
    Object.entries(options)
      .filter(([, { type }]) => type === 'string')
      .map(([option]) => `'${name} --${option}'`),
  );
  return words.length === 0 ? [] : [`      ${words.join(' | ')}) ((at++)) ;;`];
}

function argumentCases({ name, arguments: wanted }: CliCommand): string[] {
  return wanted.flatMap(({ completes, isMany }, at) => {
    if (completes === undefined) return [];
    const pattern = isMany === true ? `'${name} '*` : `'${name} ${at}'`;
    return [`    ${pattern}) ${completionOf(completes)} ;;`];
  });
}

function completionOf(completes: NonNullable<CliArgument['completes']>): string {
  if (completes === 'app') return '_pm2_liveness_apps';
  if (completes === 'file') return 'compopt -o default 2>/dev/null';
  return offer(completes);
}

function offer(words: readonly string[]): string {
  return `_pm2_liveness_offer ${words.join(' ')}`;
}

function optionsOf({ options }: CliCommand): string[] {
  return Object.keys({ ...options, ...COMMON_OPTIONS }).map((name) => `--${name}`);
}
