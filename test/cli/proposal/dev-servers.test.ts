import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anyAnswer, timesOf } from '../../../src/cli/proposal/dev-servers.ts';
import { COMPILING } from '../../../src/cli/proposal/frameworks.ts';

describe('the times in the block of a command', () => {
  test('are longer for what compiles before each answer', () => {
    assert.deepEqual(timesOf('next dev'), COMPILING);
    assert.deepEqual(timesOf('npm run dev\nwebpack serve'), COMPILING);
  });

  test('give Nest time to compile before its start; what it starts answers at once', () => {
    const url = 'http://localhost:3000/';
    const http = { url, status: '100-599' };
    assert.deepEqual(anyAnswer(url, 'nest start --watch'), { http, startupTimeout: '180s' });
    const running = 'node node_modules/@nestjs/cli/bin/nest.js start';
    assert.deepEqual(timesOf(running), { startupTimeout: '180s' });
  });

  test('are the defaults for a server that compiles nothing', () => {
    for (const command of ['node server.js', 'http-server', 'nest build', 'honest start']) {
      assert.deepEqual(timesOf(command), {}, command);
    }
  });
});
