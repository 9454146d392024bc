import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { loadApps } from '../../../src/cli/init/load-config.ts';
import { projectOf, typeInit } from './projects.ts';

const MONITOR = {
  'node_modules/pm2-liveness/package.json': '{}',
  'node_modules/pm2-liveness/dist/main.js': '',
};
const WEB = "{ name: 'web', script: 'server.js', env: { PORT: 3000 } }";
const API = "{ name: 'api', script: 'api.js', env: { PORT: 3001 } }";

/** All that PM2 takes for apps (its API.js, _startJson), and a form of its own for each kind of file. */
const FORMS: readonly [what: string, file: string, text: string, names: readonly string[]][] = [
  ['one app', 'ecosystem.config.cjs', `module.exports = { apps: ${WEB} };\n`, ['web']],
  [
    'a bare list',
    'ecosystem.config.cjs',
    `module.exports = [\n  ${WEB},\n  ${API},\n];\n`,
    ['web', 'api'],
  ],
  ['a bare app', 'ecosystem.config.cjs', `// mine\nmodule.exports = ${WEB};\n`, ['web']],
  ['a list under pm2', 'ecosystem.config.cjs', `module.exports = { pm2: [${WEB}] };\n`, ['web']],
  ['one app under pm2', 'ecosystem.config.cjs', `module.exports = { pm2: ${WEB} };\n`, ['web']],
  [
    'one app beside more',
    'ecosystem.config.cjs',
    `module.exports = { apps: ${WEB}, deploy: { a: 1 } };\n`,
    ['web'],
  ],
  [
    'a bare app with command',
    'ecosystem.config.cjs',
    "module.exports = { name: 'web', command: 'node x.js --port 3000' };\n",
    ['web'],
  ],
  [
    'JSON: one app',
    'ecosystem.json',
    '{ "apps": { "name": "web", "script": "s.js", "env": { "PORT": 3000 } } }\n',
    ['web'],
  ],
  [
    'JSON: a bare list',
    'ecosystem.json',
    '[\n  { "name": "web", "script": "s.js", "env": { "PORT": 3000 } }\n]\n',
    ['web'],
  ],
  [
    'JSON: a bare app',
    'ecosystem.json',
    '{\n  "name": "web",\n  "script": "s.js",\n  "env": { "PORT": 3000 }\n}\n',
    ['web'],
  ],
];

/** The apps as PM2 itself would have them. */
function pm2Apps(
  file: string,
  text: string,
): readonly { name?: unknown; env_liveness?: unknown }[] {
  const load = file.endsWith('.json') ? `(${text})` : `${text}; module.exports`;
  const config = runInNewContext(load, { module: {} }) as Record<string, unknown>; // a literal above
  return [config['apps'] ?? config['pm2'] ?? config].flat();
}

describe('init takes what PM2 takes for apps', () => {
  for (const [what, file, text, names] of FORMS) {
    test(what, async (context) => {
      const { dir, remove } = await projectOf({ ...MONITOR, [file]: text });
      context.after(remove);
      const apps = await loadApps(join(dir, file));
      assert.deepEqual(
        apps.map((app) => (app as { name: unknown }).name),
        names,
      );
      const { code, err } = await typeInit(dir, [file, '--yes']);
      assert.equal(code, 0, err);
      const after = await readFile(join(dir, file), 'utf8');
      const now = pm2Apps(file, after);
      assert.deepEqual(
        now.map(({ name }) => name),
        [...names, 'pm2-liveness'],
      );
      for (const { name, env_liveness } of now)
        assert.equal(env_liveness === undefined, name === 'pm2-liveness');
      assert.deepEqual(await typeInit(dir, [file, '--yes']), {
        code: 0,
        out: `${file} is complete already.`,
        err: '',
      });
    });
  }

  for (const [what, text] of [
    ['an object that is no app', 'module.exports = { deploy: {} };\n'],
    ['a list of no apps', "module.exports = ['web'];\n"],
    ['nothing', 'module.exports = null;\n'],
    ['a text', "module.exports = 'web';\n"],
  ] as const) {
    test(`but not ${what}`, async (context) => {
      const { dir, remove } = await projectOf({ ...MONITOR, 'ecosystem.config.cjs': text });
      context.after(remove);
      await assert.rejects(loadApps(join(dir, 'ecosystem.config.cjs')), {
        code: 'ERR_CONFIG',
        message: 'it exports no list of apps',
      });
    });
  }
});
