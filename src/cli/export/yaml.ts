/** A value that can be written as YAML. */
export type YamlValue = string | number | boolean | readonly YamlValue[] | YamlMap;

/** Keys in the order in which they are written; an undefined value is left out. */
export interface YamlMap {
  readonly [key: string]: YamlValue | undefined;
}

/** Words that need no quotes in any reader of YAML, 1.1 or 1.2. */
const PLAIN = /^[A-Za-z/][\w./-]*$/;
const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** Lines of block YAML, two spaces deep; texts are quoted as in JSON, which is YAML too. */
export function yamlLines(map: YamlMap, indent = ''): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return entryLines(`${indent}${scalar(key)}:`, value, indent);
  });
}

function entryLines(head: string, value: YamlValue, indent: string): string[] {
  if (!isNested(value)) return [`${head} ${scalar(value)}`];
  if (!isList(value)) {
    return Object.keys(value).length === 0
      ? [`${head} {}`]
      : [head, ...yamlLines(value, `${indent}  `)];
  }
  if (value.length === 0) return [`${head} []`];
  return [head, ...value.flatMap((item) => itemLines(item, `${indent}  `))];
}

/** The first line of an item stands behind its dash. */
function itemLines(item: YamlValue, indent: string): string[] {
  if (!isNested(item)) return [`${indent}- ${scalar(item)}`];
  if (isList(item)) return [`${indent}- ${JSON.stringify(item)}`];
  const [first = '{}', ...rest] = yamlLines(item, `${indent}  `);
  return [`${indent}- ${first.trimStart()}`, ...rest];
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return PLAIN.test(value) && !RESERVED.test(value) ? value : JSON.stringify(value);
}

function isNested(value: YamlValue): value is readonly YamlValue[] | YamlMap {
  return typeof value === 'object';
}

function isList(value: readonly YamlValue[] | YamlMap): value is readonly YamlValue[] {
  return Array.isArray(value);
}
