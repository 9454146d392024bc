import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hidePaths, hidePathsIn } from '../../src/listener/hide-paths.ts';

test('a sentence keeps no absolute path', () => {
  const cases: [string, string][] = [
    ['cannot read /home/me/app/.env', 'cannot read …'],
    ["exec '/home/John Doe/my check.sh' failed", "exec '…' failed"],
    ['Error: /srv/app/src/a.ts:12:3 boom', 'Error: …:12:3 boom'],
    ['at file:///srv/app/a.mjs:1', 'at …:1'],
    [String.raw`C:\Users\me\app\a.js is gone`, '… is gone'],
    ['(/run/user/1000/app.sock)', '(…)'],
    ['~/.pm2/logs/web.log', '…'],
    ['path:/etc/ssl/key.pem', 'path:…'],
    ['http://localhost:5173/@fs/home/me/app/src/App.tsx:2:36', 'http://localhost:5173/@fs…:2:36'],
    ['webpack:///home/me/app/a.js', 'webpack://…'],
    ['->/home/me/app', '->…'],
    ['“/home/me/x”', '“…”'],
    ['@/home/me/x', '@…'],
    ['-r/home/me/x.js', '-r…'],
  ];
  for (const [text, wanted] of cases) assert.equal(hidePathsIn(text), wanted);
});

test('a path with spaces is hidden whole, though no quotes say where it ends', () => {
  const cases: [string, string][] = [
    ['cannot read /home/John Doe/app/.env', 'cannot read …'],
    ['/home/John Doe/My Big App/src/a.ts:12:3 boom', '…:12:3 boom'],
    ['/Users/me/Library/Application Support/app/x.sock is gone', '… is gone'],
    ['/srv/my check.sh failed', '… failed'],
    ['/srv/the check.mjs:3', '…:3'],
    ['at f (/home/John Doe/app/a.js:1:2)', 'at f (…:1:2)'],
    ['/home/John (old)/app/a.js', '…'],
    ['/home/me/app/(shop)/[id]/page.tsx:3:1', '…:3:1'],
    [String.raw`/home/John\ Doe/app is gone`, '… is gone'],
    [String.raw`cannot read /srv/my\ app, and stops`, 'cannot read …, and stops'],
    ['file:///home/John Doe/app/a.mjs:1', '…:1'],
    ['file:///home/John%20Doe/app/a.mjs:1', '…:1'],
    ['file:///C:/Users/John Doe/app/a.js', '…'],
    [String.raw`C:\Users\John Doe\app\a.js is gone`, '… is gone'],
    [String.raw`C:\Program Files (x86)\nodejs\node.exe is gone`, '… is gone'],
    [String.raw`C:\Documents and Settings\me\a.js`, '…'],
    ['D:/My Apps/web/a.js:9', '…:9'],
    [String.raw`\\server\John Doe\app\a.js is gone`, '… is gone'],
    [String.raw`\\?\C:\Users\John Doe\a.js`, '…'],
    [String.raw`'\\server\John Doe\my app'`, "'…'"],
    ['~/My Apps/web/a.js', '…'],
    ['http://localhost:5173/@fs/home/John Doe/app/a.tsx', 'http://localhost:5173/@fs…'],
    ['http://localhost/@fs/C:/Users/John Doe/a.tsx', 'http://localhost/@fs…'],
    ['webpack-internal:///home/me/app/a.js', 'webpack-internal://…'],
    ['http://localhost/?file=%2Fhome%2FJohn%20Doe%2Fa.ts&x=1', 'http://localhost/?file=…&x=1'],
    ['http://localhost/?file=C%3A%5CUsers%5Cme%5Ca.ts', 'http://localhost/?file=…'],
    ['copy /home/John Doe/a to /srv/my app/b', 'copy … to …'],
  ];
  for (const [text, wanted] of cases) assert.equal(hidePathsIn(text), wanted, text);
});

test('what follows a path stays', () => {
  const cases: [string, string][] = [
    ['/srv/app/a.ts is imported by src/App.tsx:2:36', '… is imported by src/App.tsx:2:36'],
    ['/srv/app/a.ts:12:3 in src/App.tsx', '…:12:3 in src/App.tsx'],
    ['GET /api/items answered 200, text/html', 'GET … answered 200, text/html'],
    ['/api/items answered text/html', '… answered text/html'],
    ['/srv/app failed 3/5 checks', '… failed 3/5 checks'],
    ['/srv/app calls http://localhost:1/x', '… calls http://localhost:1/x'],
    ['/srv/app: see src/a.ts', '… see src/a.ts'],
    ['in /srv/app. See src/a.ts', 'in … See src/a.ts'],
    ['no such file /srv/app', 'no such file …'],
  ];
  for (const [text, wanted] of cases) assert.equal(hidePathsIn(text), wanted, text);
});

test('a sentence keeps URLs, and what is relative to the app', () => {
  for (const text of [
    'http://127.0.0.1:5173/api/health answered 500',
    'src/App.tsx:2:36 Expression expected',
    '3 of 3 checks timed out; GET /health',
    'no answer within 2s (50/50) and/or 1/2',
    'https://example.com/a/b?c=/d',
    'http://localhost:9616/health/a%2Fb',
    'webpack-internal:///./src/a.ts',
  ]) {
    assert.equal(hidePathsIn(text), text);
  }
});

test('plain data keeps its form', () => {
  const data = { a: ['/x/y', { b: null, c: 1 }], d: true };
  assert.deepEqual(hidePaths(data), { a: ['…', { b: null, c: 1 }], d: true });
});
