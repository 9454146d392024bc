import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { shapeOf } from '../../../src/cli/init/edit/ecosystem-shape.ts';
import { planEdit } from '../../../src/cli/init/plan-edit.ts';
import { parseFile } from '../../../src/cli/init/edit/parse.ts';

/** What a file's text gives, as JSON. */
function evaluated(text: string): { apps: Record<string, unknown>[] } {
  const sandbox = { module: { exports: {} } };
  runInNewContext(text, sandbox);
  return JSON.parse(JSON.stringify(sandbox.module.exports)) as { apps: Record<string, unknown>[] };
}

const odd = fc.constantFrom(
  'a',
  '`',
  "'",
  '"',
  '{',
  '}',
  '[',
  ']',
  '//',
  '/*',
  '*/',
  ',',
  '\\',
  '${',
  '\n',
  'é',
);
const text = fc.array(odd, { maxLength: 6 }).map((parts) => parts.join(''));
/** White space and comments, as they may stand anywhere between two pieces. */
const gap = fc.constantFrom(
  '',
  ' ',
  '\n',
  '\n    ',
  ' /* }, { */ ',
  ' /* a\n } b */ ',

  ' // ], "\n',
  '\r\n\t',
  '/**/',
);
const appShape = fc.record({ name: text, note: text, port: fc.integer({ min: 1, max: 65_535 }) });

/** A file with such apps, written as oddly as JavaScript allows. */
const file = fc
  .record({
    apps: fc.array(appShape, { maxLength: 3 }),
    gaps: fc.array(gap, { minLength: 40, maxLength: 40 }),
    commas: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  })
  .map(({ apps, gaps, commas }) => {
    let at = 0;
    const next = (): string => gaps[at++ % gaps.length] ?? '';
    const entries = apps.map(({ name, note, port }, index) => {
      const members = [
        `name: ${JSON.stringify(`n${index}${name}`)}`,
        `'note':${next()}[${JSON.stringify(note)}${next()}]`,
        `args${next()}: "--port ${port}"`,
      ];
      return `{${next()}${members.join(`${next()},${next()}`)}${next()}${commas[index] ? ',' : ''}${next()}}`;
    });
    const end = commas[3] && entries.length > 0 ? ',' : '';
    return `${next()}module.exports = {${next()}apps: [${next()}${entries.join(`${next()},${next()}`)}${next()}${end}${next()}]${next()}};\n`;
  });

describe('what init adds to a file', () => {
  test('is exactly the planned one, in any style of file, and removes nothing', () => {
    fc.assert(
      fc.property(file, (before) => {
        const { apps } = evaluated(before);
        const plan = planEdit('/nowhere/ecosystem.config.cjs', before, apps);
        assert.ok(!('reason' in plan), 'reason' in plan ? plan.reason : '');
        const { apps: now } = evaluated(plan.after);
        const wanted = apps.map((app) => ({
          ...app,
          env_liveness: {
            http: {
              url: `http://localhost:${String(app['args']).replace('--port ', '')}/`,
              status: '100-599',
            },
          },
        }));
        assert.deepEqual(now.slice(0, -1), wanted);
        assert.equal(now.at(-1)?.['name'], 'pm2-liveness');
        assert.ok(isWithin(before, plan.after));
      }),
      { numRuns: 500 },
    );
  });

  test('is nothing where the text is none, and no text makes it throw', () => {
    const junk = fc.array(fc.oneof(odd, fc.constant('module.exports = {'), fc.constant('apps: [')));
    fc.assert(
      fc.property(junk, (parts) => {
        const hostile = parts.join('');
        for (const isJson of [false, true]) {
          const parsed = parseFile(hostile, isJson);
          const shape = shapeOf(hostile, isJson);
          if (typeof parsed === 'string') assert.equal(shape, parsed);
          else for (const { start } of parsed.comments) assert.match(hostile.slice(start), COMMENT);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

const COMMENT = /^(?:\/\/|\/\*|#!|<!--|-->)/;

/** Whether all of `part` is in `whole`, in its order. */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (const char of whole) if (char === part[at]) at += 1;
  return at >= part.length;
}
