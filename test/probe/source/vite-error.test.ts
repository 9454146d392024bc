import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describeError,
  isServiceGone,
  readErrorPage,
} from '../../../src/probe/source/vite-error.ts';
import { errorPage } from '../support/fake-vite.ts';

/** The text for the page of this error, for the module `src/App.tsx`. */
function told(error: object, name = 'src/App.tsx'): string | undefined {
  const read = readErrorPage(errorPage(error).body ?? '');
  return read && describeError(read, name);
}

const id = '/home/me/app/src/App.tsx';

// Recorded from the versions named, paths changed.
for (const [what, error, line] of [
  [
    'Vite 8, a syntax error',
    {
      message:
        'Transform failed with 1 error:\n\n[PARSE_ERROR] Unexpected token\n   ╭─[ src/App.tsx:1:9 ]\n   │\n 1 │ let a = ;\n',
      id,
      frame: '',
    },
    'src/App.tsx:1:9 Unexpected token',
  ],
  [
    'Vite 7, a syntax error',
    {
      message: `Transform failed with 2 errors:\n${id}:1:43: ERROR: The character "}" is not valid inside a JSX element\n${id}:2:0: ERROR: Unexpected end of file`,
      id,
      loc: { column: 43, file: id, line: 1 },
    },
    'src/App.tsx:1:43 The character "}" is not valid inside a JSX element',
  ],
  [
    'a missing import',
    {
      message: 'Failed to resolve import "./Missing" from "src/App.tsx". Does the file exist?',
      id,
      loc: { file: id, line: 1, column: 14 },
    },
    'src/App.tsx:1:14 Failed to resolve import "./Missing" from "src/App.tsx". Does the file exist?',
  ],
  [
    'a style sheet',
    {
      message: "[postcss] ENOENT: no such file or directory, open './nope.css'",
      id,
      loc: { column: null },
    },
    "src/App.tsx [postcss] ENOENT: no such file or directory, open './nope.css'",
  ],
  [
    'an id that is no path',
    { message: 'EOF while parsing a value at line 1 column 5', id: { inMap: null } },
    'src/App.tsx EOF while parsing a value at line 1 column 5',
  ],
  [
    'an error in another file of the project',
    {
      message: 'Undefined variable.',
      id,
      loc: { file: '/home/me/app/src/_vars.scss', line: 3, column: 1 },
    },
    'src/_vars.scss:3:1 Undefined variable.',
  ],
  [
    'Svelte 5, which names the file without its folder',
    {
      message:
        '/home/me/app/src/routes/+page.svelte:1:42 Unexpected token\nhttps://svelte.dev/e/js_parse_error',
      id: '/home/me/app/src/routes/+page.svelte',
      loc: { file: '+page.svelte', line: 1, column: 42 },
    },
    'src/routes/+page.svelte:1:42 Unexpected token',
  ],
  [
    'Vite 8, JavaScript for the server, whose position is only the beginning of the file',
    {
      message:
        'Failed to parse source for import analysis because the content contains invalid JS syntax. If you are using JSX, make sure to name the file with the .jsx or .tsx extension.',
      id: '/home/me/app/src/routes/api/+server.js',
      loc: { file: '/home/me/app/src/routes/api/+server.js', line: 1, column: 0 },
    },
    'src/routes/api/+server.js invalid JS syntax. If you are using JSX, make sure to name the file with the .jsx or .tsx extension.',
  ],
  [
    'the same where the position is that of the mistake',
    {
      message:
        'Failed to parse source for import analysis because the content contains invalid JS syntax.',
      id: '/home/me/app/src/main.js',
      loc: { file: '/home/me/app/src/main.js', line: 3, column: 0 },
    },
    'src/main.js:3:0 invalid JS syntax.',
  ],
  [
    'an error far from the project',
    { message: 'Bad', id: '/opt/tools/plugin/x.js' },
    'plugin/x.js Bad',
  ],
  [
    'a message with the machine’s paths',
    { message: `Cannot read ${id}`, id },
    'src/App.tsx Cannot read src/App.tsx',
  ],
] as const) {
  test(`${what} is shown as ${line}`, () => {
    assert.equal(told(error), line);
  });
}

test('a page that is not Vite’s own is not read', () => {
  assert.equal(readErrorPage('<h1>500</h1>'), undefined);
  assert.equal(readErrorPage('const error = {"message":"x"}'), undefined);
});

test('a page that is cut at our cap still shows its message', () => {
  const body =
    errorPage({ message: 'Bad "thing"\nmore', id, pluginCode: 'x'.repeat(1000) }).body ?? '';
  const cut = `${body.slice(0, 800)} ErrorOverlay`;
  assert.equal(readErrorPage(cut)?.message, 'Bad "thing"\nmore');
});

test('only the transformer’s own words mean that it is gone', () => {
  assert.ok(isServiceGone('The service is no longer running: write EPIPE'));
  assert.ok(isServiceGone('The service was stopped'));
  assert.ok(!isServiceGone('Unexpected token\n1 | "The service was stopped"'));
});
