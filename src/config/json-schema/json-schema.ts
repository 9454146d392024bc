import { isRecord } from '../bad-value.ts';
import { jsonFormOf, type JsonForm } from './form.ts';
import { blockMeanings, probeExamples, probeMeanings, restartsMeanings } from './meanings.ts';
import { restartsDefaults } from '../schema/restarts.ts';
import {
  blockDefaults,
  blockSchema,
  probeDefaults,
  probeKeys,
  type ProbeKey,
} from '../schema/schema.ts';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/**
 * The JSON Schema of an `env_liveness` block in a file. It checks less than the monitor: no limits of
 * durations, and no rules between keys except that there is exactly one probe.
 */
export function blockJsonSchema(): JsonForm {
  const form = jsonFormOf(blockSchema);
  const { restarts: _, ...defaults } = blockDefaults;
  const settings = describeForms(fieldsOf(form), blockMeanings, defaults);
  const { restarts } = settings;
  return {
    $schema: DIALECT,
    title: 'env_liveness',
    description: 'How pm2-liveness watches an app under PM2.',
    ...form,
    properties: {
      ...settings,
      ...Object.fromEntries(probeKeys.map((key) => [key, probeForm(key, settings[key])])),
      restarts: {
        ...restarts,
        properties: describeForms(fieldsOf(restarts), restartsMeanings, restartsDefaults),
      },
    },
    oneOf: probeKeys.map((key) => ({ required: [key] })),
  };
}

/** The forms of an object's keys. */
export function fieldsOf(form: JsonForm | undefined): Readonly<Record<string, JsonForm>> {
  // `as`: zod makes forms of an object's keys.
  return isRecord(form?.['properties']) ? (form['properties'] as Record<string, JsonForm>) : {};
}

/** The forms that a value may have: those of `anyOf`, else the one form. */
export function waysOf(form: JsonForm | undefined): readonly JsonForm[] {
  // `as`: `shorthandOr` puts forms there.
  if (Array.isArray(form?.['anyOf'])) return form['anyOf'] as JsonForm[];
  return form === undefined ? [] : [form];
}

/** The form of a probe, with an example of its short form and the meanings of its keys. */
function probeForm(key: ProbeKey, form: JsonForm | undefined): JsonForm {
  return {
    ...form,
    examples: [probeExamples[key]],
    anyOf: waysOf(form).map((way) =>
      'properties' in way
        ? {
            ...way,
            properties: describeForms(fieldsOf(way), probeMeanings[key], probeDefaults[key] ?? {}),
          }
        : way,
    ),
  };
}

/** The forms with the meaning and the default of each key. */
function describeForms(
  forms: Readonly<Record<string, JsonForm>>,
  meanings: Readonly<Record<string, string>>,
  defaults: Readonly<Record<string, unknown>>,
): Readonly<Record<string, JsonForm>> {
  return Object.fromEntries(
    Object.entries(forms).map(([key, form]) => [
      key,
      {
        ...form,
        description: meanings[key],
        ...(key in defaults && { default: defaults[key] }),
      },
    ]),
  );
}
