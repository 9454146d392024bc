import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeError, readHotError } from '../../../src/probe/source/vite-error.ts';

const file = '/home/me/app/src/pages/index.astro';

/** A message of Astro's over hot reload, with the fields in its order. */
function astro(err: object): string {
  return JSON.stringify({ __isEnhancedAstroErrorPayload: true, type: 'error', err });
}

// Recorded from Astro 5.18, paths and code changed.
for (const [what, err, line] of [
  [
    'source that does not compile',
    {
      id: file,
      location: { column: 11, file, line: 2 },
      stack: `Error: Transform failed with 1 error:\n${file}:2:11: ERROR: Unexpected ";"`,
      loc: { file, line: 2, column: 11 },
      plugin: 'astro:build',
      message: 'Unexpected &quot;;&quot;',
    },
    'src/pages/index.astro:2:11 Unexpected ";"',
  ],
  [
    'an import that leads nowhere',
    {
      stack: `Error: Failed to load url ./nothing.js (resolved id: ./nothing.js) in ${file}. Does the file exist?`,
      name: 'FailedToLoadModuleSSR',
      code: 'ERR_LOAD_URL',
      loc: { file, line: 2, column: 15 },
      plugin: 'astro',
      message: 'Could not import <code>./nothing.js</code>.',
    },
    'src/pages/index.astro:2:15 Could not import ./nothing.js.',
  ],
  [
    'JavaScript for the server, whose position is only the beginning of the file',
    {
      plugin: 'vite:import-analysis',
      id: '/home/me/app/src/pages/api.js',
      loc: { file: '/home/me/app/src/pages/api.js', line: 1, column: 1 },
      message:
        'Failed to parse source for import analysis because the content contains invalid JS syntax.',
    },
    'src/pages/api.js invalid JS syntax.',
  ],
] as const) {
  test(`Astro: ${what} is ${line}`, () => {
    const error = readHotError(astro(err));
    assert.ok(error?.id !== undefined);
    assert.equal(describeError(error, 'the page'), line);
  });
}

test('Astro: an app that throws names no module, though it has a place and the same words', () => {
  const error = readHotError(
    astro({
      stack: `Error: "name":"FailedToLoadModuleSSR"\n at ${file}:2:26`,
      loc: { file, line: 2, column: 26 },
      name: 'Error',
      message: 'no &lt;database&gt; &amp;lt;',
    }),
  );
  assert.deepEqual([error?.id, error?.message], [undefined, 'no <database> &lt;']);
});

test('a message of hot reload that is no error is not read', () => {
  assert.equal(readHotError('{"type":"full-reload","path":"\\"type\\":\\"error\\""}'), undefined);
  assert.equal(
    readHotError('{"__isEnhancedAstroErrorPayload":true,"type":"connected"}'),
    undefined,
  );
});
