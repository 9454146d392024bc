import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readingsOf } from '../../../src/cli/proposal/typed-word.ts';
import { readBlock } from '../../../src/config/target-config.ts';

const PIPE = String.raw`\\.\pipe\api`;
const ANY = '100-599';

describe('a typed word, as a block', () => {
  for (const [word, ...readings] of [
    ['http://a:80', { http: { url: 'http://a:80', status: ANY } }],
    ['http://a:80/', { http: { url: 'http://a:80/', status: ANY } }],
    [
      'https://a/health',
      { http: 'https://a/health' },
      { http: { url: 'https://a/health', status: ANY } },
    ],
    ['wss://a/x', { websocket: 'wss://a/x' }],
    ['tcp://a:5432', { tcp: 'a:5432' }],
    ['3000', { http: { url: 'http://127.0.0.1:3000/', status: ANY } }, { tcp: '127.0.0.1:3000' }],
    ['[::1]:80', { http: { url: 'http://[::1]:80/', status: ANY } }, { tcp: '[::1]:80' }],
    [
      '/run/a.sock',
      { http: { socket: '/run/a.sock', url: 'http://localhost/', status: ANY } },
      { tcp: { socket: '/run/a.sock' } },
    ],
    [
      PIPE,
      { http: { socket: PIPE, url: 'http://localhost/', status: ANY } },
      { tcp: { socket: PIPE } },
    ],
    [
      '//./pipe/api',
      { http: { socket: '//./pipe/api', url: 'http://localhost/', status: ANY } },
      { tcp: { socket: '//./pipe/api' } },
    ],
  ] as const) {
    test(word, () => {
      assert.deepEqual(readingsOf(word), readings);
      for (const block of readings) assert.ok(readBlock(block, {}).ok, JSON.stringify(block));
    });
  }

  test('is at the host of the caller where it is a port alone', () => {
    assert.deepEqual(readingsOf('80', 'localhost')[1], { tcp: 'localhost:80' });
  });

  test('is JSON where it begins like it, and nothing where it means nothing', () => {
    assert.deepEqual(readingsOf(' {"tcp":"a:1"} '), ['{"tcp":"a:1"}']);
    for (const word of ['', 'web', '100000', 'a b', 'ftp://a']) {
      assert.deepEqual(readingsOf(word), [], word);
    }
  });
});
