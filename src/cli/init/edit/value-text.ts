/** A value in an ecosystem file. */
export type Value =
  | string
  | number
  | boolean
  | readonly Value[]
  | { readonly [key: string]: Value };

/** The style of a file. */
export interface Hand {
  readonly isJson: boolean;
  readonly quote: "'" | '"';
  readonly eol: string;
  /** One step of indentation. */
  readonly step: string;
}

/** A value on one line. */
export function valueText(value: Value, hand: Hand): string {
  if (typeof value === 'string') return quote(value, hand);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map((each) => valueText(each, hand)).join(', ')}]`;
  const members = Object.entries(value).map(([key, each]) => memberText(key, each, hand));
  return `{ ${members.join(', ')} }`;
}

/** `key: value` on one line. */
export function memberText(key: string, value: Value, hand: Hand): string {
  const isPlain = !hand.isJson && /^[A-Za-z_$][\w$]*$/.test(key);
  return `${isPlain ? key : quote(key, hand)}: ${valueText(value, hand)}`;
}

/** An object with a line for each of its members, its brackets at `indent`. */
export function blockText(
  value: Readonly<Record<string, Value>>,
  indent: string,
  hand: Hand,
): string {
  const { eol, step, isJson } = hand;
  const lines = Object.entries(value).map(
    ([key, each]) => `${indent}${step}${memberText(key, each, hand)}`,
  );
  return ['{', lines.join(`,${eol}`) + (isJson ? '' : ','), `${indent}}`].join(eol);
}

function isList(value: object): value is readonly Value[] {
  return Array.isArray(value);
}

function quote(text: string, { isJson, quote }: Hand): string {
  const json = JSON.stringify(text);
  if (isJson || quote === '"') return json;
  return `'${json
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)}'`;
}
