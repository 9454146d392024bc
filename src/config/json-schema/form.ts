import * as z from 'zod';

/** The part of JSON Schema that is used here. */
export interface JsonForm {
  readonly [keyword: string]: unknown;
}

/** The forms of schemas that zod cannot describe, because our own functions read their values. */
const forms = z.registry<{ readonly form: () => JsonForm }>();

/** Registers the JSON Schema form of a schema, and returns the schema. */
export function inJson<Schema extends z.ZodType>(schema: Schema, form: () => JsonForm): Schema {
  forms.add(schema, { form });
  return schema;
}

/** The JSON Schema of the text in a file, before any `${NAME}` is replaced. */
export function jsonFormOf(schema: z.ZodType): JsonForm {
  const { $schema: _, ...form } = z.toJSONSchema(schema, {
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      const own = forms.get(zodSchema)?.form();
      if (own) Object.assign(jsonSchema, own);
      // Our objects allow only their own keys, see `section`.
      if (zodSchema instanceof z.ZodObject) jsonSchema.additionalProperties = false;
    },
  });
  return form;
}

/** A text of this pattern, or any text with a `${NAME}`, which cannot be checked before it is replaced. */
export function textForm(pattern: string): JsonForm {
  return { type: 'string', pattern: `^(?:${pattern})$|\\$\\{` };
}

/** A duration with its unit. */
export const durationForm: JsonForm = textForm('\\d{1,15}(\\.\\d{1,15})?(ms|s|m|h|d)');

/** A number of bytes with its unit. */
export const sizeForm: JsonForm = textForm('\\d{1,9}(\\.\\d{1,9})?[KMG]B?');

/** True or false. */
export const flagForm: JsonForm = { type: 'boolean' };

/** Any text but the empty one. */
export const anyTextForm: JsonForm = { type: 'string', minLength: 1 };

/** An absolute http or https URL without a login and without a fragment. */
export const urlForm: JsonForm = textForm('[Hh][Tt][Tt][Pp][Ss]?:/{2,}[^/?#@]+([/?][^#]*)?#?');

/** An absolute ws or wss URL without a login and without a fragment. */
export const webSocketUrlForm: JsonForm = textForm('[Ww][Ss][Ss]?:/{2,}[^/?#@]+([/?][^#]*)?#?');

/** A text to find, or a regular expression. */
export const patternForm: JsonForm = {
  anyOf: [
    anyTextForm,
    {
      type: 'object',
      properties: { regex: anyTextForm, flags: textForm('[imsuv]*') },
      required: ['regex'],
      additionalProperties: false,
    },
  ],
};

/** A whole number within inclusive limits. */
export function wholeForm(minimum: number, maximum: number): JsonForm {
  return { type: 'integer', minimum, maximum };
}

/** One of a few words, which may come from a `${NAME}`. */
export function choiceForm(words: readonly string[]): JsonForm {
  return { anyOf: [{ enum: words }, { type: 'string', pattern: '\\$\\{' }] };
}
