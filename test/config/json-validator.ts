import { isDeepStrictEqual } from 'node:util';

type Schema = Readonly<Record<string, unknown>>;

/** Keywords that say nothing about what is valid. */
const SILENT = new Set(['$schema', 'title', 'description', 'default', 'examples']);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: isObject,
};

/**
 * The keywords of JSON Schema that our schema uses, as its specification has them; each is about
 * values of its own type and takes all others.
 */
const KEYWORDS: Readonly<Record<string, (value: unknown, want: never, schema: Schema) => boolean>> =
  {
    type: (value, want: string) => TYPES[want]?.(value) ?? unknown(`type ${want}`),
    enum: (value, want: readonly unknown[]) => want.some((one) => isDeepStrictEqual(one, value)),
    minimum: (value, want: number) => typeof value !== 'number' || value >= want,
    maximum: (value, want: number) => typeof value !== 'number' || value <= want,
    minLength: (value, want: number) =>
      typeof value !== 'string' || Array.from(value).length >= want,
    pattern: (value, want: string) =>
      typeof value !== 'string' || new RegExp(want, 'u').test(value),
    minItems: (value, want: number) => !Array.isArray(value) || value.length >= want,
    maxItems: (value, want: number) => !Array.isArray(value) || value.length <= want,
    items: (value, want: Schema) =>
      !Array.isArray(value) || value.every((one) => isValid(one, want)),
    anyOf: (value, want: readonly Schema[]) => want.some((one) => isValid(value, one)),
    oneOf: (value, want: readonly Schema[]) =>
      want.filter((one) => isValid(value, one)).length === 1,
    not: (value, want: Schema) => !isValid(value, want),
    required: (value, want: readonly string[]) =>
      !isObject(value) || want.every((key) => Object.hasOwn(value, key)),
    propertyNames: (value, want: Schema) =>
      !isObject(value) || Object.keys(value).every((key) => isValid(key, want)),
    properties: (value, want: Readonly<Record<string, Schema>>) =>
      !isObject(value) ||
      Object.entries(want).every(
        ([key, one]) => !Object.hasOwn(value, key) || isValid(value[key], one),
      ),
    additionalProperties: (value, want: Schema | boolean, { properties }) => {
      if (!isObject(value)) return true;
      const known = isObject(properties) ? properties : {};
      return Object.keys(value)
        .filter((key) => !Object.hasOwn(known, key))
        .every((key) => (typeof want === 'boolean' ? want : isValid(value[key], want)));
    },
  };

/** Whether a value keeps to a schema. Throws on a keyword that it does not know, so that none goes unchecked. */
export function isValid(value: unknown, schema: Schema): boolean {
  return Object.entries(schema).every(([keyword, want]) => {
    if (SILENT.has(keyword)) return true;
    const check = KEYWORDS[keyword] ?? unknown(keyword);
    return check(value, want as never, schema); // as: each keyword knows its own value
  });
}

function unknown(what: string): never {
  throw new Error(`the validator does not know ${what}`);
}
