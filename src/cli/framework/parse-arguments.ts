import { parseArgs } from 'node:util';
import { parseDuration } from '../../config/schema/durations.ts';
import { nearest } from '../../text/nearest.ts';
import { LivenessError, messageOf } from '../../errors.ts';
import type { CliCommand, CliOption, ParsedArguments } from './command.ts';

/** Options that every command has. */
export const COMMON_OPTIONS: Readonly<Record<string, CliOption>> = {
  help: { type: 'boolean', short: 'h', summary: 'show this help' },
  'no-color': { type: 'boolean', summary: 'no colours (NO_COLOR does the same)' },
};

/** Checks typed words against a command. Throws ERR_USAGE, which says what to write instead. */
export function parseArguments(command: CliCommand, typed: readonly string[]): ParsedArguments {
  const options = { ...command.options, ...COMMON_OPTIONS };
  const { tokens } = parseArgs({
    args: [...typed],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { type, short }]) => [
        name,
        short === undefined ? { type } : { type, short },
      ]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values = new Map<string, (string | true)[]>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const before = values.get(token.name) ?? [];
    values.set(token.name, [...before, valueOf(command, options, token)]);
  }
  if (!values.has('help')) checkWords(command, words);
  const valuesOf = (option: string): string[] =>
    (values.get(option) ?? []).filter((value) => value !== true);
  return {
    words,
    has: (option) => values.has(option),
    valueOf: (option) => valuesOf(option).at(-1),
    valuesOf,
  };
}

function valueOf(
  command: CliCommand,
  options: Readonly<Record<string, CliOption>>,
  token: { readonly name: string; readonly rawName: string; readonly value?: string | undefined },
): string | true {
  const { name, rawName, value } = token;
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option === undefined) {
    const near = nearest(name, Object.keys(options));
    const known = Object.keys(options).map((each) => `--${each}`);
    const hint = near === undefined ? `it has ${known.join(', ')}` : `did you mean --${near}?`;
    throw usage(`${command.name}: unknown option ${rawName}; ${hint}`);
  }
  if (option.type === 'boolean') {
    if (value === undefined) return true;
    throw usage(`${command.name}: ${rawName} takes no value, got '${value}'`);
  }
  if (value !== undefined && value !== '') return value;
  throw usage(`${command.name}: ${rawName} needs ${option.value ?? 'a value'} after it`);
}

function checkWords(command: CliCommand, words: readonly string[]): void {
  const { name, arguments: wanted } = command;
  const missing = wanted.find(({ isRequired }, at) => isRequired && words[at] === undefined);
  if (missing) throw usage(`${name}: needs <${missing.name}>; usage: ${usageOf(command)}`);
  const extra = wanted.some(({ isMany }) => isMany) ? undefined : words[wanted.length];
  if (extra !== undefined) {
    throw usage(`${name}: unexpected argument '${extra}'; usage: ${usageOf(command)}`);
  }
}

/** The usage of a command: `pm2-liveness events [app] [--since <duration>]`. */
export function usageOf({ name, arguments: wanted, options }: CliCommand): string {
  const words = wanted.map(({ name: word, isRequired, isMany }) => {
    const many = isMany ? `${word}…` : word;
    return isRequired ? `<${many}>` : `[${many}]`;
  });
  const flags = Object.entries(options).map(([flag, { value, isMany }]) => {
    const many = isMany ? ' …' : '';
    return value === undefined ? `[--${flag}]` : `[--${flag} ${value}${many}]`;
  });
  return ['pm2-liveness', name, ...words, ...flags].join(' ');
}

/** The milliseconds of an option such as `--for 30m`. Throws ERR_USAGE. */
export function durationOf(command: string, option: string, value: string): number {
  try {
    return parseDuration(value);
  } catch (error) {
    throw usage(`${command}: --${option}: ${messageOf(error)}`);
  }
}

/** Makes an ERR_USAGE error. */
export function usage(message: string): LivenessError {
  return new LivenessError('ERR_USAGE', message);
}
