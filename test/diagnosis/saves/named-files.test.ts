import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { filesNamedIn } from '../../../src/diagnosis/saves/named-files.ts';

const named = (text: string, folder = '/srv/web'): readonly string[] =>
  filesNamedIn(text, [folder]);

describe('the files that an error names', () => {
  test('are found as a path, as a URL, and relative to the folder of the app', () => {
    assert.deepEqual(named('/srv/web/src/a.ts:3:5'), ['/srv/web/src/a.ts']);
    assert.deepEqual(named('    at file:///srv/web/src/a.mjs:3:5'), ['/srv/web/src/a.mjs']);
    assert.deepEqual(named('    at run (/srv/web/a.js:1:7)'), ['/srv/web/a.js']);
    assert.deepEqual(named('src/App.jsx: Unexpected token (3:5)'), ['/srv/web/src/App.jsx']);
    assert.deepEqual(named("Cannot find module './lib/b.js'"), ['/srv/web/lib/b.js']);
    assert.deepEqual(named("ENOENT, open 'config.json'"), ['/srv/web/config.json']);
  });

  test('are found in a folder with a space in its name', () => {
    const folder = '/srv/my web';
    assert.deepEqual(named('at run (/srv/my web/a.js:1:7)', folder), ['/srv/my web/a.js']);
    assert.deepEqual(named('at file:///srv/my%20web/b%20c.mjs:1:7', folder), [
      '/srv/my web/b c.mjs',
    ]);
  });

  test('are found by the name that the app has for its folder, too', () => {
    const folders = ['/srv/current', '/srv/releases/1'];
    assert.deepEqual(filesNamedIn('/srv/releases/1/a.js:3', folders), ['/srv/releases/1/a.js']);
  });

  test('are none outside of the folder, and none of a package', () => {
    const hostile = [
      '/etc/passwd.txt:1:1',
      '../../etc/shadow.conf',
      '/srv/web/../../etc/shadow.conf',
      '/srv/website/a.js:1:1',
      '/dev/zero.js',
      'file:///srv/web/%2e%2e/%2e%2e/etc/shadow.conf',
      '/srv/web/node_modules/express/index.js:3:5',
      'node:internal/modules/cjs/loader.js:1:1',
      'https://example.org/a.js',
      '/srv/web/a\0b.js',
    ];
    for (const text of hostile) assert.deepEqual(named(text), [], text);
  });

  test('are eight at most, the newest first, of ten thousand', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `/srv/web/f${index}.js:1:1`);
    const found = named(names.join('\n'));
    assert.equal(found.length, 8);
    assert.equal(found[0], '/srv/web/f9999.js');
  });

  test('are found in linear time', () => {
    const beganAt = performance.now();
    for (const text of [
      'a'.repeat(1e6),
      './'.repeat(1e6),
      'a.b:1'.repeat(1e6),
      '\u0001'.repeat(1e6),
    ])
      assert.ok(named(text).length <= 8);
    assert.ok(performance.now() - beganAt < 20_000);
  });
});
