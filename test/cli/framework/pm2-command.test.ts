import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { complaintOf, ecosystemFile } from '../../../src/cli/framework/pm2-command.ts';

describe('what PM2 complains of', () => {
  for (const [what, text, wanted] of [
    [
      'a file that cannot be read, as PM2 tells of it',
      `[PM2] Spawning PM2 daemon with pm2_home=/x
[PM2][ERROR] File bad.config.cjs malformated
/app/bad.config.cjs:2

    ^

SyntaxError: Unexpected end of input
    at wrapSafe (node:internal/modules/cjs/loader:1464:18)`,
      'File bad.config.cjs malformated: /app/bad.config.cjs:2: SyntaxError: Unexpected end of input',
    ],
    [
      'settings that cannot be used, each on its line',
      `[PM2][ERROR] File ecosystem.config.cjs malformated
pm2-liveness: one setting in the environment or in .env cannot be used:
  APP_PORT: got '99999'; write a port from 1 to 65535`,
      `File ecosystem.config.cjs malformated: pm2-liveness: one setting in the environment or in .env cannot be used:
  APP_PORT: got '99999'; write a port from 1 to 65535`,
    ],
    [
      'a crash of its own program',
      `node:internal/errors:541
      throw error;
      ^

TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument must be of type string.
    at Object.basename (node:path:1441:5)

Node.js v20.20.2`,
      'TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument must be of type string.',
    ],
    ['something else', 'no space left', 'no space left'],
    ['nothing at all', '', 'PM2 did not finish in time, or gave no message'],
  ] as const) {
    test(`is ${what}`, () => assert.equal(complaintOf(text), wanted));
  }
});

test('a missing ecosystem file is an error before PM2 is called', () => {
  assert.throws(() => ecosystemFile('stop', ['none.config.cjs']), {
    code: 'ERR_USAGE',
    message: 'stop: there is no none.config.cjs here; `pm2-liveness init` writes one',
  });
});
