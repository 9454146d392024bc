import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { yamlLines, type YamlMap } from '../../../src/cli/export/yaml.ts';

/** PM2's own reader of YAML. */
const require = createRequire(createRequire(import.meta.url).resolve('pm2/package.json'));
const { load } = require('js-yaml') as { readonly load: (text: string) => unknown };

const { map } = fc.letrec<{ value: YamlMap[string]; map: YamlMap }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'yes',
      'null',
      '1',
      '1.5',
      '0x1',
      '- a',
      'a: b',
      '# c',
      '',
      ' ',
      '\n',
      '~',
      '2026-01-01',
      '<<',
      '=',
      '/',
    ),
    fc.integer(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('map'),
  ) as fc.Arbitrary<YamlMap[string]>,
  map: fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }).map((found) => {
    const { __proto__: _, ...rest } = found;
    return rest;
  }),
}));

test('another reader finds in the lines what was written', () => {
  fc.assert(
    fc.property(map, (written) => {
      fc.pre(Object.keys(written).length > 0);
      assert.deepEqual(load(yamlLines(written).join('\n')), JSON.parse(JSON.stringify(written)));
    }),
    { numRuns: 500 },
  );
});
