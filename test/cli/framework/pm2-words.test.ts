import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { appWord, onlyWords, processWord } from '../../../src/cli/framework/pm2-words.ts';
import { appArgument, shellWord } from '../../../src/text/shell-word.ts';

/** Which of these names PM2 7 means by a word, as `API._operate` and `Common.isConfigFile` read it; null for a file. */
function meantBy(typed: string, names: readonly string[]): readonly string[] | null {
  const word = typed.startsWith("'") ? typed.slice(1, -1) : typed;
  if (/\.json|\.ya?ml|\.config\.[cm]?js/.test(word) || word === '-') return null;
  if (word === 'all') return names;
  if (Number.isNaN(Number(word)) && word.startsWith('/') && word.endsWith('/')) {
    const pattern = new RegExp(word.replaceAll('/', ''));
    return names.filter((name) => pattern.test(name));
  }
  return names.filter((name) => name === word);
}

describe('the word by which PM2 means an app', () => {
  const NAMES = [
    'web',
    'web2',
    'all',
    '5',
    '0x10',
    'Infinity',
    'x.json',
    'xxjson',
    'ecosystem.config.cjs',
    '-f',
    '-',
    '@shop/web',
    'my app',
    "it's",
    '$(id)',
    'ünï',
    '/web/',
    'a\nb',
    '😀',
  ];
  for (const name of NAMES) {
    test(`means ${JSON.stringify(name)} and no other`, () => {
      assert.deepEqual(meantBy(appWord(name), NAMES), [name]);
    });
  }

  test('means any name and no other, and holds nothing that a shell or a terminal reads', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (name) => {
        const word = appWord(name);
        assert.match(word, /^[\w-]+$|^'\/[\w\\^$\-\p{L}\p{N}]*\/'$/u);
        assert.deepEqual(meantBy(word, [name, `${name}x`, `x${name}`, 'other']), [name]);
      }),
    );
  });

  test('is the id of a process, but where another app is called by that id', () => {
    const app = { name: 'api', pmId: 3 };
    assert.equal(processWord(app, ['api', 'web']), '3');
    assert.equal(processWord(app, ['api', '3']), 'api');
    assert.equal(processWord({ name: '4', pmId: 3 }, ['3', '4']), "'/^4$/'");
  });

  test('is taken apart by `--only` where it holds a space or a comma', () => {
    assert.equal(onlyWords('web'), '--only web');
    assert.equal(onlyWords('-f'), '--only=-f');
    assert.equal(onlyWords("it's"), "--only 'it'\\''s'");
    assert.equal(onlyWords('my app'), null);
    assert.equal(onlyWords('a,b'), null);
  });

  test('is quoted for a shell, and set apart from options for a command of ours', () => {
    assert.equal(shellWord('$(id)'), "'$(id)'");
    assert.equal(appArgument('web'), 'web');
    assert.equal(appArgument('--json'), '-- --json');
  });
});
