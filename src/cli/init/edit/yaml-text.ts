import type { Value } from './value-text.ts';

/** A key with its value as lines of YAML, the key at `indent`. */
export function yamlMember(key: string, value: Value, indent: string): readonly string[] {
  if (typeof value !== 'object') return [`${indent}${scalar(key)}: ${scalar(value)}`];
  if (isList(value)) return [`${indent}${scalar(key)}: ${flow(value)}`];
  return [`${indent}${scalar(key)}:`, ...yamlMembers(value, `${indent}  `)];
}

/** An element of a list whose dash is at `indent`, with its members one below the other. */
export function yamlElement(
  value: Readonly<Record<string, Value>>,
  indent: string,
): readonly string[] {
  const [first = '', ...rest] = yamlMembers(value, `${indent}  `);
  return [`${indent}- ${first.trimStart()}`, ...rest];
}

function yamlMembers(value: Readonly<Record<string, Value>>, indent: string): readonly string[] {
  return Object.entries(value).flatMap(([key, each]) => yamlMember(key, each, indent));
}

function flow(value: Value): string {
  if (typeof value !== 'object') return scalar(value);
  if (isList(value)) return `[${value.map(flow).join(', ')}]`;
  const members = Object.entries(value).map(([key, each]) => `${scalar(key)}: ${flow(each)}`);
  return `{ ${members.join(', ')} }`;
}

/** Words that YAML takes for something other than a text. */
const OTHERS = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** A text in quotes, but for a plain word; control characters as JSON writes them, which is YAML. */
function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  if (/^[A-Za-z_][\w-]*$/.test(value) && !OTHERS.test(value)) return value;
  if (/[\p{Cc}\u2028\u2029]/u.test(value)) return JSON.stringify(value);
  return `'${value.replaceAll("'", "''")}'`;
}

function isList(value: object): value is readonly Value[] {
  return Array.isArray(value);
}
