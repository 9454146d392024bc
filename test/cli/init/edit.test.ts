import assert from 'node:assert/strict';
import { chmod, chown, lstat, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { manifest, projectOf, typeInit } from './projects.ts';

const MONITOR = {
  'node_modules/pm2-liveness/package.json': '{}',
  'node_modules/pm2-liveness/dist/main.js': '',
};
const ENTRY =
  "{ name: 'pm2-liveness', script: 'node_modules/pm2-liveness/dist/main.js', pmx: false, kill_timeout: 5000, restart_delay: 2000 }";
const NAME = 'ecosystem.config.cjs';

interface Edit {
  readonly what: string;
  readonly file?: string;
  readonly before: string;
  readonly after: string;
}

function lines(...text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}

const EDITS: readonly Edit[] = [
  {
    what: 'a usual file, with commas at the ends',
    before: lines(
      '// what runs here',
      'module.exports = {',
      '  apps: [',
      '    {',
      "      name: 'web',",
      "      script: 'node_modules/vite/bin/vite.js',",
      "      args: '--port 5173 --strictPort', // see the proxy",
      '    },',
      '  ],',
      "  deploy: { production: { user: 'ann', host: ['a', 'b'] } },",
      '};',
    ),
    after: lines(
      '// what runs here',
      'module.exports = {',
      '  apps: [',
      '    {',
      "      name: 'web',",
      "      script: 'node_modules/vite/bin/vite.js',",
      "      args: '--port 5173 --strictPort', // see the proxy",
      "      env_liveness: { vite: 'http://localhost:5173/' },",
      '    },',
      '    {',
      "      name: 'pm2-liveness',",
      "      script: 'node_modules/pm2-liveness/dist/main.js',",
      '      pmx: false,',
      '      kill_timeout: 5000,',
      '      restart_delay: 2000,',
      '    },',
      '  ],',
      "  deploy: { production: { user: 'ann', host: ['a', 'b'] } },",
      '};',
    ),
  },
  {
    what: "the file of PM2's own template, without commas at the ends and with an app on the bracket's line",
    file: 'ecosystem.config.js',
    before: lines(
      'module.exports = {',
      '  apps : [{',
      '    name   : "api",',
      '    script : "./server.js",',
      '    env: { PORT: 3000, HOST: "0.0.0.0" } /* all of it */',
      '  }]',
      '}',
    ),
    after: lines(
      'module.exports = {',
      '  apps : [{',
      '    name   : "api",',
      '    script : "./server.js",',
      '    env: { PORT: 3000, HOST: "0.0.0.0" }, /* all of it */',
      '    env_liveness: { http: { url: "http://localhost:3000/", status: "100-599" } }',
      `  }, ${ENTRY.replaceAll("'", '"')}]`,
      '}',
    ),
  },
  {
    what: 'a file on one line',
    before: "module.exports = { apps: [{ name: 'api', script: 'server.js', args: '-p 81' }] };\n",
    after: `module.exports = { apps: [{ name: 'api', script: 'server.js', args: '-p 81', env_liveness: { http: { url: 'http://localhost:81/', status: '100-599' } } }, ${ENTRY}] };\n`,
  },
  {
    what: 'a file without an app',
    before: 'module.exports = { apps: [] };\n',
    after: `module.exports = { apps: [ ${ENTRY} ] };\n`,
  },
  {
    what: 'JSON, which PM2 reads with comments in it',
    file: 'ecosystem.json',
    before: lines(
      '{',
      '\t"apps": [',
      '\t\t{',
      '\t\t\t"name": "api", // {[(',
      '\t\t\t"script": "server.js",',
      '\t\t\t"env": { "PORT": "3000" }',
      '\t\t}',
      '\t]',
      '}',
    ),
    after: lines(
      '{',
      '\t"apps": [',
      '\t\t{',
      '\t\t\t"name": "api", // {[(',
      '\t\t\t"script": "server.js",',
      '\t\t\t"env": { "PORT": "3000" },',
      '\t\t\t"env_liveness": { "http": { "url": "http://localhost:3000/", "status": "100-599" } }',
      '\t\t},',
      '\t\t{',
      '\t\t\t"name": "pm2-liveness",',
      '\t\t\t"script": "node_modules/pm2-liveness/dist/main.js",',
      '\t\t\t"pmx": false,',
      '\t\t\t"kill_timeout": 5000,',
      '\t\t\t"restart_delay": 2000',
      '\t\t}',
      '\t]',
      '}',
    ),
  },
  {
    what: 'lines that end with CR LF',
    before:
      "module.exports = {\r\n  apps: [\r\n    {\r\n      name: 'api',\r\n      args: '--port 80',\r\n      script: 's.js'\r\n    }\r\n  ],\r\n};\r\n",
    after:
      "module.exports = {\r\n  apps: [\r\n    {\r\n      name: 'api',\r\n      args: '--port 80',\r\n      script: 's.js',\r\n      env_liveness: { http: { url: 'http://localhost:80/', status: '100-599' } }\r\n    },\r\n    {\r\n      name: 'pm2-liveness',\r\n      script: 'node_modules/pm2-liveness/dist/main.js',\r\n      pmx: false,\r\n      kill_timeout: 5000,\r\n      restart_delay: 2000,\r\n    }\r\n  ],\r\n};\r\n",
  },
  {
    what: 'strings, templates, comments and expressions with brackets in them',
    before: lines(
      "const port = 3000; const odd = /[/{]'/; const half = port / 2 / 1;",
      'module.exports = {',
      '  apps: [',
      '    {',
      "      name: 'a}, {', // it's {",
      '      script: `${[`s${1}`].map((s) => { return s; })[0]}.js`,',
      '      args: [`--port`, `${port}`], /* a comment',
      '      over lines: ] */ max_restarts: odd.test("{\'") ? half : 3,',
      '    },',
      '  ],',
      '};',
    ),
    after: lines(
      "const port = 3000; const odd = /[/{]'/; const half = port / 2 / 1;",
      'module.exports = {',
      '  apps: [',
      '    {',
      "      name: 'a}, {', // it's {",
      '      script: `${[`s${1}`].map((s) => { return s; })[0]}.js`,',
      '      args: [`--port`, `${port}`], /* a comment',
      `      over lines: ] */ max_restarts: odd.test("{'") ? half : 3, env_liveness: { http: { url: 'http://localhost:3000/', status: '100-599' } },`,
      '    },',
      `    {`,
      "      name: 'pm2-liveness',",
      "      script: 'node_modules/pm2-liveness/dist/main.js',",
      '      pmx: false,',
      '      kill_timeout: 5000,',
      '      restart_delay: 2000,',
      '    },',
      '  ],',
      '};',
    ),
  },
  {
    what: 'an app with a block, one that inherits it, a port for each instance, and a monitor',
    before: lines(
      "const base = { env_liveness: { tcp: 'localhost:1' } };",
      'module.exports = { apps: [',
      "  { name: 'a', script: 'a.js', 'env_liveness': { exec: 'true' } },",
      "  { name: 'b', script: 'b.js', ...base },",
      "  { name: 'c', script: 'npm', args: 'run dev', increment_var: 'PORT', env: { PORT: 3000 } },",
      "  { name: 'my monitor', script: './node_modules/pm2-liveness/dist/main.js' },",
      '] };',
    ),
    after: lines(
      "const base = { env_liveness: { tcp: 'localhost:1' } };",
      'module.exports = { apps: [',
      "  { name: 'a', script: 'a.js', 'env_liveness': { exec: 'true' } },",
      "  { name: 'b', script: 'b.js', ...base },",
      "  { name: 'c', script: 'npm', args: 'run dev', increment_var: 'PORT', env: { PORT: 3000 }, env_liveness: { vite: 'http://localhost:${PORT}/' } },",
      "  { name: 'my monitor', script: './node_modules/pm2-liveness/dist/main.js' },",
      '] };',
    ),
  },
];

const UNTOUCHED: readonly (readonly [what: string, text: string, why: RegExp])[] = [
  [
    'apps that are built by code',
    "module.exports = { apps: ['a', 'b'].map((name) => ({ name, script: 's.js', args: '-p 80' })) };\n",
    /: its apps are built by code\.\nAdd by hand:\n {2}to a: {2}env_liveness: \{ http: \{ url: 'http:\/\/localhost:80\/', status: '100-599' \} \},\n {2}to b: .*\n {2}to the apps: {2}\{ name: 'pm2-liveness'/,
  ],
  [
    'one app that is built by code',
    "const web = { name: 'web', script: 's.js' };\nmodule.exports = { apps: [web] };\n",
    /: some of its apps are built by code\./,
  ],
  [
    'a configuration that has a name of its own',
    "const config = { apps: [{ name: 'web', script: 's.js' }] };\nmodule.exports = config;\n",
    /: it is not written as `module\.exports = \{ apps: \[ … \] \}`\./,
  ],
  [
    'two of them',
    'if (process.env.A) module.exports = { apps: [] }; else module.exports = { apps: [] };\n',
    /: it is not written as/,
  ],
  [
    'apps that are changed afterwards',
    "module.exports = { apps: [{ name: 'a', script: 's.js' }] };\nmodule.exports.apps.push({ name: 'b', script: 's.js' });\n",
    /: its apps are changed by code\./,
  ],
  [
    'apps whose order is changed afterwards',
    "module.exports = { apps: [{ name: 'a', script: 's.js', args: '-p 80' }, { name: 'b', script: 's.js', args: '-p 81' }] };\nmodule.exports.apps.reverse();\n",
    /: its code gives something else once this is added\.\nAdd by hand:/,
  ],
  [
    'a file that depends on its own name',
    "module.exports = { apps: [{ name: 'a', script: 's.js', args: '-p 80', env: { FILE: __filename } }] };\n",
    /: its code gives something else once this is added\./,
  ],
  [
    'a file that gives something else each time',
    "module.exports = { apps: [{ name: 'a', script: 's.js', args: '-p 80', env: { AT: process.hrtime.bigint().toString() } }] };\n",
    /: its code gives something else once this is added\./,
  ],
  [
    'a file that throws',
    "throw new Error('no database');\n",
    /: it cannot be loaded: Error: no database\./,
  ],
  [
    'a file with a slip of the pen',
    'module.exports = { apps: [ };\n',
    /: it cannot be loaded: SyntaxError: /,
  ],
  [
    'a file that exports no apps',
    'module.exports = { app: [] };\n',
    /: it cannot be loaded: it exports no list of apps\./,
  ],
  ['an empty file', '', /: it cannot be loaded: it exports no list of apps\./],
];

describe('init in a project with an ecosystem file', () => {
  for (const { what, file = NAME, before, after } of EDITS) {
    test(`adds to ${what}, and touches nothing else`, async (context) => {
      const { dir, remove } = await projectOf({
        ...MONITOR,
        [file]: before,
        'package.json': '{"scripts":{"dev":"vite"}}',
      });
      context.after(remove);
      const { code, err } = await typeInit(dir);
      assert.equal(code, 0, err);
      assert.equal(await readFile(join(dir, file), 'utf8'), after);
      const again = await typeInit(dir);
      assert.deepEqual([again.code, again.out], [0, `${file} is complete already.`]);
    });
  }

  for (const [what, text, why] of UNTOUCHED) {
    test(`leaves ${what} as it is, and says why and what to add`, async (context) => {
      const { dir, remove } = await projectOf({ ...MONITOR, [NAME]: text });
      context.after(remove);
      const before = await stat(join(dir, NAME));
      const { code, out, err } = await typeInit(dir);
      assert.equal(code, 1);
      assert.equal(out, '');
      assert.match(err, /^ecosystem\.config\.cjs is not changed: /);
      assert.match(err, why);
      assert.doesNotMatch(err, /^\s+at /m);
      assert.equal(await readFile(join(dir, NAME), 'utf8'), text);
      const after = await stat(join(dir, NAME));
      assert.deepEqual([after.ino, after.mtimeMs], [before.ino, before.mtimeMs]);
      assert.deepEqual((await readdir(dir)).toSorted(), [NAME, 'node_modules']);
    });
  }

  test('shows what it adds as a unified diff', async (context) => {
    const { dir, remove } = await projectOf({ ...MONITOR, [NAME]: EDITS[0]?.before ?? '' });
    context.after(remove);
    const { out } = await typeInit(dir, []);
    assert.equal(
      out,
      [
        '--- ecosystem.config.cjs',
        '+++ ecosystem.config.cjs',
        '@@ -5,7 +5,15 @@',
        "       name: 'web',",
        "       script: 'node_modules/vite/bin/vite.js',",
        "       args: '--port 5173 --strictPort', // see the proxy",
        "+      env_liveness: { vite: 'http://localhost:5173/' },",
        '     },',
        '+    {',
        "+      name: 'pm2-liveness',",
        "+      script: 'node_modules/pm2-liveness/dist/main.js',",
        '+      pmx: false,',
        '+      kill_timeout: 5000,',
        '+      restart_delay: 2000,',
        '+    },',
        '   ],',
        "   deploy: { production: { user: 'ann', host: ['a', 'b'] } },",
        ' };',
      ].join('\n'),
    );
  });

  test('names an app whose port is not known, and adds the rest', async (context) => {
    const text = "module.exports = { apps: [{ name: 'worker', script: 'work.js' }] };\n";
    const { dir, remove } = await projectOf({ ...MONITOR, [NAME]: text });
    context.after(remove);
    const { code, err } = await typeInit(dir);
    assert.equal(code, 0);
    const note =
      "worker: its port is not known, so it gets no block. Run init with --port <port>; or start it and run init again, which then looks where it listens; or add: env_liveness: { http: { url: 'http://localhost:<port>/', status: '100-599' } }";
    assert.equal(err, note);
    assert.match(await readFile(join(dir, NAME), 'utf8'), /\}, \{ name: 'pm2-liveness'/);
    const again = await typeInit(dir);
    assert.deepEqual([again.code, again.err], [1, note]);
  });

  test('keeps the mode of the file, and a link a link', async (context) => {
    const { dir, remove } = await projectOf({ ...MONITOR, 'real.cjs': EDITS[2]?.before ?? '' });
    context.after(remove);
    await chmod(join(dir, 'real.cjs'), 0o640);
    await symlink('real.cjs', join(dir, NAME));
    assert.equal((await typeInit(dir)).code, 0);
    assert.ok((await lstat(join(dir, NAME))).isSymbolicLink());
    assert.equal((await stat(join(dir, 'real.cjs'))).mode & 0o777, 0o640);
    assert.equal(await readFile(join(dir, 'real.cjs'), 'utf8'), EDITS[2]?.after);
  });

  test('edits the file that is named, and finds what it requires', async (context) => {
    const { dir, remove } = await projectOf({
      ...MONITOR,
      'package.json': manifest({}),
      'shared.cjs': 'exports.port = 3000;\n',
      'deploy/my.config.cjs': lines(
        "const { port } = require('../shared.cjs');",
        "module.exports = { apps: [{ name: 'a', script: 's.js', env: { PORT: port } }] };",
      ),
    });
    context.after(remove);
    const { code, err } = await typeInit(dir, ['deploy/my.config.cjs', '--yes']);
    assert.equal(code, 0, err);
    assert.match(
      await readFile(join(dir, 'deploy/my.config.cjs'), 'utf8'),
      /env_liveness: \{ http: \{ url: 'http:\/\/localhost:3000\/', status: '100-599' \} \}.*script: 'node_modules\/pm2-liveness\/dist\/main\.js'/,
    );
  });

  test('writes nothing over a file that was changed while it was loaded', async (context) => {
    const changesItself = `${EDITS[0]?.before ?? ''}
const text = require('node:fs').readFileSync(__filename, 'utf8');
if (!text.endsWith('// mine\\n')) require('node:fs').appendFileSync(__filename, '// mine\\n');
`;
    const { dir, remove } = await projectOf({ ...MONITOR, [NAME]: changesItself });
    context.after(remove);
    const { code, err } = await typeInit(dir, ['--yes']);
    assert.equal(code, 1);
    assert.match(err, /is not changed: .* has changed meanwhile; run init again/);
    assert.equal(await readFile(join(dir, NAME), 'utf8'), `${changesItself}// mine\n`);
    assert.deepEqual((await readdir(dir)).toSorted(), [NAME, 'node_modules']);
  });

  test('leaves a file with its owner', async (context) => {
    if (process.getuid?.() !== 0) return context.skip('only root could give it another');
    const { dir, remove } = await projectOf({ ...MONITOR, [NAME]: EDITS[0]?.before ?? '' });
    context.after(remove);
    await chown(join(dir, NAME), 65_534, 65_534);
    assert.equal((await typeInit(dir, ['--yes'])).code, 0);
    const { uid, gid } = await stat(join(dir, NAME));
    assert.deepEqual([uid, gid], [65_534, 65_534]);
  });

  test('does not overwrite a file that was changed during the question', async (context) => {
    const { dir, remove } = await projectOf({ ...MONITOR, [NAME]: EDITS[0]?.before ?? '' });
    context.after(remove);
    const typing = typeInit(dir, [], async () => {
      await writeFile(join(dir, NAME), 'module.exports = { apps: [] }; // mine\n');
      return true;
    });
    await assert.rejects(typing, /has changed meanwhile; run init again/);
    assert.match(await readFile(join(dir, NAME), 'utf8'), /mine/);
    assert.deepEqual((await readdir(dir)).toSorted(), [NAME, 'node_modules']);
  });
});
