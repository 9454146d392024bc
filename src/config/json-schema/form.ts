import * as z from 'zod';

/** What JSON Schema says of a value, as far as it is used here. */
export interface JsonForm {
  readonly [keyword: string]: unknown;
}

/** The forms of schemas that zod cannot put into words, for they are read by functions of ours. */
const forms = z.registry<{ readonly form: () => JsonForm }>();

/** The schema itself, with what JSON Schema is to say of what may be written there. */
export function inJson<Schema extends z.ZodType>(schema: Schema, form: () => JsonForm): Schema {
  forms.add(schema, { form });
  return schema;
}

/** The JSON Schema of what may be written, before any `${NAME}` in it is replaced. */
export function jsonFormOf(schema: z.ZodType): JsonForm {
  const { $schema: _, ...form } = z.toJSONSchema(schema, {
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      const own = forms.get(zodSchema)?.form();
      if (own) Object.assign(jsonSchema, own);
      // Every object of ours has its keys and no other, see `section`.
      if (zodSchema instanceof z.ZodObject) jsonSchema.additionalProperties = false;
    },
  });
  return form;
}

/** A text of this pattern, or one with a `${NAME}` in it, of which nothing can be said before it is replaced. */
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

/** An absolute ws or wss URL, likewise. */
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
