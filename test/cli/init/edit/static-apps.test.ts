import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { shapeOf } from '../../../../src/cli/init/edit/ecosystem-shape.ts';
import { staticAppsOf } from '../../../../src/cli/init/edit/static-apps.ts';

const BLOCK = "env_liveness: { tcp: 'localhost:80' }";

describe('what a file says of its apps without being run', () => {
  test('is their names, and which have a block', () => {
    const text = `module.exports = { apps: [
      { name: 'web', script: 's.js', ${BLOCK} },
      { script: './api.js' }, // ${BLOCK}
      { name: 7, script: f(), 'env_liveness': 'off' },
    ] };`;
    assert.deepEqual(staticAppsOf(text, false), [
      { name: 'web', hasBlock: true },
      { name: 'api', hasBlock: false },
      { name: '7', hasBlock: true },
    ]);
    const json = '{ "apps": [{ "name": "web", "script": "s.js" }] } // all';
    assert.deepEqual(staticAppsOf(json, true), [{ name: 'web', hasBlock: false }]);
  });

  for (const [what, text] of [
    ['a list from a variable', 'const apps = []; module.exports = { apps };'],
    ['an app from a function', "module.exports = { apps: [web(), { name: 'a', script: 's' }] };"],
    ['a spread', "module.exports = { apps: [{ name: 'a', script: 's', ...base }] };"],
    ['a computed key', "module.exports = { apps: [{ name: 'a', script: 's', [key]: {} }] };"],
    ['a name from a variable', "module.exports = { apps: [{ name, script: 's' }] };"],
    ['a block from a variable', "module.exports = { apps: [{ name: 'a', env_liveness: block }] };"],
    [
      'a change afterwards',
      "module.exports = { apps: [{ name: 'a', script: 's' }] }; module.exports.apps[0].env_liveness = {};",
    ],
    [
      'a second name',
      "const all = module.exports = { apps: [{ name: 'a', script: 's' }] }; f(all);",
    ],
    ['a choice', "if (x) module.exports = { apps: [{ name: 'a', script: 's' }] };"],
    ['eval', "module.exports = { apps: [{ name: 'a', script: 's' }] }; eval(x);"],
    ['no JavaScript', 'module.exports = {'],
  ] as const) {
    test(`is not certain with ${what}`, () => assert.equal(staticAppsOf(text, false), null));
  }

  test('is bounded: a long text and deep brackets are refused in one sentence', () => {
    assert.equal(shapeOf(' '.repeat(1024 * 1024 + 1), false), 'it is longer than 1 MiB');
    for (const bracket of ['[', '{a:', '(', '`${']) {
      const deep = `module.exports = ${bracket.repeat(200_000)}`;
      assert.match(
        JSON.stringify(shapeOf(deep, false)),
        /^"its brackets are nested too deeply"$|^"it cannot be read/,
      );
    }
    const closed = `module.exports = ${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    assert.equal(shapeOf(closed, false), 'its brackets are nested too deeply');
    assert.equal(typeof shapeOf(`a${'+a'.repeat(200_000)}`, false), 'string');
  });
});
