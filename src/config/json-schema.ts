import { isRecord } from './bad-value.ts';
import { jsonFormOf, type JsonForm } from './json-form.ts';
import { blockMeanings, restartsMeanings } from './meanings.ts';
import { restartsDefaults } from './restarts-schema.ts';
import { blockDefaults, blockSchema, probeKeys } from './schema.ts';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/**
 * The JSON Schema of an `env_liveness` block as a person writes it. It knows less than the monitor:
 * not the limits of durations, and no rule that ties one key to another but that of the one probe.
 */
export function blockJsonSchema(): JsonForm {
  const form = jsonFormOf(blockSchema);
  const { restarts, ...others } = fieldsOf(form);
  const { restarts: _, ...defaults } = blockDefaults;
  return {
    $schema: DIALECT,
    title: 'env_liveness',
    description: 'What pm2-liveness watches of an app under PM2, and how.',
    ...form,
    properties: {
      ...told(others, blockMeanings, defaults),
      restarts: {
        ...restarts,
        description: blockMeanings.restarts,
        properties: told(fieldsOf(restarts), restartsMeanings, restartsDefaults),
      },
    },
    oneOf: probeKeys.map((key) => ({ required: [key] })),
  };
}

function fieldsOf(form: JsonForm | undefined): Readonly<Record<string, JsonForm>> {
  // `as`: what zod makes of an object's keys are forms.
  return isRecord(form?.['properties']) ? (form['properties'] as Record<string, JsonForm>) : {};
}

/** The same forms with what each key means, and with its default. */
function told(
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
