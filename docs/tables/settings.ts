import { blockJsonSchema, fieldsOf } from '../../src/config/json-schema/json-schema.ts';
import type { JsonForm } from '../../src/config/json-schema/form.ts';
import { probeKeys } from '../../src/config/schema/schema.ts';
import { code, table } from './markdown.ts';

/** The keys of a block with their defaults, those of `restarts` as `restarts.limit`. */
export function settingsTable(): string {
  const fields = Object.entries(fieldsOf(blockJsonSchema()));
  const settings = fields
    .filter(([key]) => !probeKeys.some((probe) => probe === key))
    .flatMap(([key, form]) => {
      const inner = Object.entries(fieldsOf(form));
      return inner.length === 0
        ? [rowOf(key, form)]
        : inner.map(([name, each]) => rowOf(`${key}.${name}`, each));
    });
  return table(
    ['key', 'default', 'meaning'],
    [[probeKeys.map(code).join(' '), 'exactly one', 'the probe, see below'], ...settings],
  );
}

/** What holds without a setting that has no default in the schema, where that is not off. */
const WITHOUT: Readonly<Record<string, string>> = { notify: 'all channels' };

function rowOf(key: string, form: JsonForm): string[] {
  const value = 'default' in form ? code(String(form['default'])) : (WITHOUT[key] ?? 'off');
  return [code(key), value, String(form['description'])];
}
