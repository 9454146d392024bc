import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { loadApps } from '../../../src/cli/init/load-config.ts';
import { projectOf, typeInit, type Files } from './projects.ts';

const MONITOR = {
  'node_modules/pm2-liveness/package.json': '{}',
  'node_modules/pm2-liveness/dist/main.js': '',
};
const BLOCK = { http: { url: 'http://localhost:3000/', status: '100-599' } };
const ESM = { 'package.json': '{ "type": "module", "scripts": { "start": "node s.js" } }' };

/** Files that PM2 reads, each with the text after `init`. All were given to `pm2 start` of PM2 7. */
const EDITED: readonly {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  readonly beside?: Files;
  /** A line that must be in the text afterwards. */
  readonly line: RegExp;
}[] = [
  {
    what: 'YAML with comments, more keys and another list',
    file: 'ecosystem.yml',
    text: [
      '# mine',
      'apps:',
      '  - name: web # the page',
      '    script: s.js',
      '    env:',
      '      PORT: 3000',
      '',
      '  # the next one',
      '  - script: t.js',
      '    name: worker',
      'deploy:',
      '  production:',
      '    user: ann',
      '',
    ].join('\n'),
    line: /^ {6}PORT: 3000\n {4}env_liveness:\n {6}http:\n {8}url: 'http:\/\/localhost:3000\/'\n {8}status: '100-599'\n\n {2}# the next one$/m,
  },
  {
    what: 'YAML that is a list, without a last line end',
    file: 'process.yaml',
    text: '---\n- name: web\n  script: s.js\n  env: { PORT: 3000 }',
    line: /^ {2}env: \{ PORT: 3000 \}\n {2}env_liveness:\n/m,
  },
  {
    what: 'YAML of Windows, with its list at the edge and a block of text at the end',
    file: 'pm2.yml',
    text: 'apps:\r\n- name: web\r\n  env:\r\n    PORT: 3000\r\n  script: s.js\r\n  args: |\r\n    - a\r\n    b\r\n',
    line: /^ {4}b\r\n {2}env_liveness:\r\n/m,
  },
  {
    what: 'YAML whose dashes stand alone, with an anchor',
    file: 'ecosystem.config.yaml',
    text: 'x: &all\n  env:\n    PORT: 3000\napps:\n  -\n    <<: *all\n    name: web\n    script: s.js\n',
    line: /^ {4}script: s\.js\n {4}env_liveness:$/m,
  },
  {
    what: 'an ES module',
    file: 'ecosystem.config.mjs',
    text: "import { join } from 'node:path';\nexport const apps = [\n  { name: 'web', script: join('.', 's.js'), env: { PORT: 3000 } },\n];\n",
    line: /^export const apps = \[$/m,
  },
  {
    what: 'an ES module that exports its apps apart',
    file: 'pm2.config.mjs',
    text: "const apps = [{ name: 'web', script: 's.js', env: { PORT: 3000 } }];\nexport { apps };\nexport default { apps };\n",
    line: /^export \{ apps \};$/m,
  },
  {
    what: 'a .js file of a project of ES modules',
    file: 'ecosystem.config.js',
    beside: ESM,
    text: "export const apps = [{ name: 'web', script: 's.js', env: { PORT: 3000 } }];\n",
    line: /env_liveness: \{ http: /,
  },
  {
    what: 'JSON5',
    file: 'processes.json5',
    text: "{ apps: [{ name: 'web', script: 's.js', env: { PORT: 3000 } }] } // mine\n",
    line: /"env_liveness": \{ "http": /,
  },
  {
    what: 'JSON under a name with .config',
    file: 'ecosystem.dev.config.json',
    text: '{\n  "apps": [\n    {\n      "name": "web",\n      "script": "s.js",\n      "env": { "PORT": 3000 }\n    }\n  ]\n}\n',
    line: /^ {6}"env_liveness": \{ "http": /m,
  },
];

/** What PM2 takes from a file, read by another process than that of `init`. */
async function blocksIn(file: string): Promise<Record<string, unknown>> {
  const apps = (await loadApps(file)) as readonly { name: string; env_liveness?: unknown }[];
  return Object.fromEntries(apps.map(({ name, env_liveness }) => [name, env_liveness]));
}

describe('init edits each file that PM2 reads', () => {
  for (const { what, file, text, beside = {}, line } of EDITED) {
    test(what, async (context) => {
      const { dir, remove } = await projectOf({ ...MONITOR, ...beside, [file]: text });
      context.after(remove);
      const { code, err } = await typeInit(dir);
      assert.equal(code, 0, err);
      const after = await readFile(join(dir, file), 'utf8');
      assert.match(after, line);
      const blocks = await blocksIn(join(dir, file));
      assert.deepEqual(blocks['web'], BLOCK);
      assert.ok('pm2-liveness' in blocks);
      // What was there is there, in its order.
      const kept = after.split(/\r?\n/);
      if (file.includes('ml')) {
        for (const each of text.split(/\r?\n/)) assert.ok(kept.includes(each), each);
      }
      const again = await typeInit(dir);
      assert.equal(await readFile(join(dir, file), 'utf8'), after, again.err);
      assert.match(again.out, /is complete already\.$/);
      const found = (await readdir(dir)).filter((name) => /^\.|ecosystem|process|pm2/.test(name));
      assert.deepEqual(found, [file], 'no second file, and no draft');
    });
  }
});

/** Files that are not changed, with what is said. */
const LEFT: readonly {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  readonly beside?: Files;
  readonly said: RegExp;
}[] = [
  {
    what: 'YAML in flow style, with the lines in YAML',
    file: 'ecosystem.yml',
    text: 'apps: [{ name: web, script: s.js, env: { PORT: 3000 } }]\n',
    said: /its apps are not written as a list with a line for each\.\nAdd by hand:\n {2}to web:\n {6}env_liveness:\n {8}http:\n {10}url: 'http:\/\/localhost:3000\/'\n[^]*\n {2}to the apps:\n {4}- name: pm2-liveness\n {6}script: /,
  },
  {
    what: 'YAML with an element that is an alias',
    file: 'ecosystem.yml',
    text: 'x: &web\n  name: web\n  script: s.js\n  env: { PORT: 3000 }\napps:\n  - *web\n',
    said: /its apps are not written as a list with a line for each\.\nAdd by hand:/,
  },
  {
    what: 'YAML with an anchor at the element, whose block two apps would share',
    file: 'ecosystem.yml',
    text: 'apps:\n  - &one\n    name: web\n    script: s.js\n    env: { PORT: 3000 }\n  - <<: *one\n    name: two\n',
    said: /is not changed: [^]*Add by hand:/,
  },
  {
    what: 'YAML that is broken',
    file: 'ecosystem.yml',
    text: 'apps:\n  - name: [web\n',
    said: /is not changed: it cannot be loaded: YAMLException: /,
  },
  {
    what: 'an ES module with `export default`',
    file: 'ecosystem.config.mjs',
    text: "export default { apps: [{ name: 'web', script: 's.js' }] };\n",
    said: /PM2 does not read `export default`: write `export const apps = \[ … \]` in its place, then run init again\./,
  },
  {
    what: 'an ES module whose apps are made by code, with the lines',
    file: 'ecosystem.config.mjs',
    text: "export const apps = ['web'].map((name) => ({ name, script: 's.js', env: { PORT: 3000 } }));\n",
    said: /its apps are built by code\.\nAdd by hand:\n {2}to web: {2}env_liveness: \{ http: /,
  },
  {
    what: 'a function',
    file: 'ecosystem.config.cjs',
    text: 'module.exports = () => ({ apps: [] });\n',
    said: /is not changed: PM2 does not call the function that it exports/,
  },
  {
    what: 'a .js file with module.exports of a project of ES modules',
    file: 'ecosystem.config.js',
    beside: ESM,
    text: "module.exports = { apps: [{ name: 'web', script: 's.js' }] };\n",
    said: /Rename it \(mv ecosystem\.config\.js ecosystem\.config\.cjs\), then run init again\./,
  },
  {
    what: 'JSON whose apps stand twice, with the lines in JSON',
    file: 'process.json',
    text: '{ "apps": [], "apps": [{ "name": "web", "script": "s.js", "env": { "PORT": 3000 } }] }\n',
    said: /Add by hand:\n {2}to web: {2}"env_liveness": \{ "http": \{ "url": /,
  },
];

describe('init leaves a file to a person', () => {
  for (const { what, file, text, beside = {}, said } of LEFT) {
    test(what, async (context) => {
      const { dir, remove } = await projectOf({ ...MONITOR, ...beside, [file]: text });
      context.after(remove);
      const { code, err } = await typeInit(dir);
      assert.equal(code, 1);
      assert.match(err, said);
      assert.equal(await readFile(join(dir, file), 'utf8'), text);
      const found = (await readdir(dir)).filter((name) => name !== 'node_modules');
      assert.deepEqual(found.toSorted(), [file, ...Object.keys(beside)].toSorted());
    });
  }

  for (const [name, said] of [
    ['ecosystem.config.ts', /PM2 does not read ecosystem\.config\.ts.*into ecosystem\.config\.cjs/],
    ['ecosystem.js', /would start it as a script; rename it to ecosystem\.config\.js, then/],
    ['ecosystem.mjs', /rename it to ecosystem\.config\.mjs, then run init again/],
  ] as const) {
    test(`${name}, which PM2 starts as a script`, async (context) => {
      const files = { 'package.json': '{ "scripts": { "start": "node s.js" } }', [name]: '' };
      const { dir, remove } = await projectOf(files);
      context.after(remove);
      await assert.rejects(typeInit(dir), said);
      assert.deepEqual((await readdir(dir)).toSorted(), Object.keys(files).toSorted());
    });
  }

  test('finds the file that a script of package.json gives to PM2', async (context) => {
    const { dir, remove } = await projectOf({
      ...MONITOR,
      'package.json': '{ "scripts": { "up": "pm2 start deploy/apps.json --env production" } }',
      'deploy/apps.json':
        '{ "apps": [{ "name": "web", "script": "s.js", "env": { "PORT": 3000 } }] }',
    });
    context.after(remove);
    const { code, err } = await typeInit(dir);
    assert.equal(code, 0, err);
    assert.deepEqual((await blocksIn(join(dir, 'deploy/apps.json')))['web'], BLOCK);
    assert.ok(!(await readdir(dir)).includes('ecosystem.config.cjs'));
  });

  test('has the reader of YAML that PM2 has', () => {
    const pm2 = createRequire(createRequire(import.meta.url).resolve('pm2/package.json'));
    assert.match(pm2.resolve('js-yaml'), /js-yaml/);
  });
});
