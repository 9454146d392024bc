import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseHostAddress } from '../../../src/cli/status/host-address.ts';

describe('a host of status --host', () => {
  const GOOD: readonly (readonly [string, string, string])[] = [
    ['web-1', 'web-1:9616', 'http://web-1:9616/'],
    ['web-1:80', 'web-1', 'http://web-1/'],
    ['web-1:8080', 'web-1:8080', 'http://web-1:8080/'],
    ['10.0.0.7', '10.0.0.7:9616', 'http://10.0.0.7:9616/'],
    ['::1', '[::1]:9616', 'http://[::1]:9616/'],
    ['[::1]:81', '[::1]:81', 'http://[::1]:81/'],
    ['http://web-1', 'web-1', 'http://web-1/'],
    ['HTTPS://Web-1.example/', 'https://web-1.example', 'https://web-1.example/'],
    ['https://x.example/live/web//', 'https://x.example/live/web', 'https://x.example/live/web/'],
  ];
  for (const [text, title, url] of GOOD) {
    test(`${text} is asked at ${url}`, () => {
      assert.deepEqual(parseHostAddress(text), { title, url });
    });
  }

  for (const bad of ['', ' ', 'ftp://web-1', 'web-1:99999', 'a b', 'http://', 'web_1:x', '://x']) {
    test(`'${bad}' is refused with what to write`, () => {
      assert.throws(() => parseHostAddress(bad), {
        code: 'ERR_CONFIG',
        message: /got '.*'; write a URL like/,
      });
    });
  }

  test('with a login or a query is refused, and neither is repeated', () => {
    for (const bad of ['https://u:s3cret@web-1', 'u:s3cret@web-1', 'http://web-1/?token=s3cret']) {
      assert.throws(
        () => parseHostAddress(bad),
        ({ code, message }: { code: string; message: string }) =>
          code === 'ERR_CONFIG' && !message.includes('s3cret'),
        bad,
      );
    }
  });
});
