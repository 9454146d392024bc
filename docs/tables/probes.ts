import { blockJsonSchema, fieldsOf, waysOf } from '../../src/config/json-schema/json-schema.ts';
import type { JsonForm } from '../../src/config/json-schema/form.ts';
import { probeExamples } from '../../src/config/json-schema/meanings.ts';
import { probeKeys, type ProbeKey } from '../../src/config/schema/schema.ts';
import { code, table } from './markdown.ts';

/** The probes: what each asks, and its two forms, the object's with every key and default. */
export function probesTable(): string {
  const rows = probeKeys.map((probe) => [
    code(probe),
    code(`'${probeExamples[probe]}'`),
    code(objectForm(probe)),
    String(formOf(probe)?.['description']),
  ]);
  return table(['probe', 'as text', 'as an object, with its defaults', 'does'], rows);
}

/** What the keys of those objects mean; a key that means the same in several probes is one row. */
export function fieldsTable(): string {
  const rows = new Map<string, { readonly probes: ProbeKey[]; readonly cells: string[] }>();
  for (const probe of probeKeys) {
    for (const [key, { description }] of Object.entries(objectFields(probe))) {
      const cells = [code(key), String(description)];
      const row = rows.get(cells.join()) ?? { probes: [], cells };
      row.probes.push(probe);
      rows.set(cells.join(), row);
    }
  }
  return table(
    ['key', 'of', 'meaning'],
    [...rows.values()].map(({ probes, cells: [key = '', meaning = ''] }) => [
      key,
      probes.map(code).join(' '),
      meaning,
    ]),
  );
}

function formOf(probe: ProbeKey): JsonForm | undefined {
  return fieldsOf(blockJsonSchema())[probe];
}

function objectFields(probe: ProbeKey): Readonly<Record<string, JsonForm>> {
  return fieldsOf(waysOf(formOf(probe)).find((way) => 'properties' in way));
}

/** `{ url, method: 'GET' }` */
function objectForm(probe: ProbeKey): string {
  const fields = Object.entries(objectFields(probe)).map(([key, form]) =>
    isShown(form['default']) ? `${key}: ${literal(form['default'])}` : key,
  );
  return `{ ${fields.join(', ')} }`;
}

/** An empty object by default is the same as none. */
function isShown(value: unknown): boolean {
  return value !== undefined && JSON.stringify(value) !== '{}';
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
