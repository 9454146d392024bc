import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { codeOf } from '../../../src/errors.ts';
import { readBlock } from '../../../src/config/target-config.ts';
import { manifest, projectOf, typeInit, type Files } from './projects.ts';

interface Entry {
  readonly name: string;
  readonly script: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly env_liveness?: unknown;
  readonly [key: string]: unknown;
}

/** Loads the file as PM2 does. */
async function load(dir: string): Promise<readonly Entry[]> {
  const program = 'console.log(JSON.stringify(require(process.argv[1]).apps))';
  const file = join(dir, 'ecosystem.config.cjs');
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program, file]);
  return JSON.parse(stdout) as readonly Entry[]; // what init has written
}

const CASES: readonly {
  readonly what: string;
  readonly files: Files;
  readonly wanted: Readonly<Record<string, unknown>>;
}[] = [
  {
    what: 'Vite',
    files: { 'package.json': manifest({ dev: 'vite' }, ['vite']) },
    wanted: {
      script: 'node_modules/vite/bin/vite.js',
      args: '--port 5173 --strictPort',
      env: { CI: 'true' },
      env_liveness: { vite: 'http://localhost:5173/' },
    },
  },
  {
    what: 'Vite whose configuration has a port and a base',
    files: {
      'package.json': manifest({ dev: 'vite --host --open' }, ['vite']),
      'vite.config.ts': "export default { base: '/shop', server: { port: 4100 } };",
    },
    wanted: {
      script: 'node_modules/vite/bin/vite.js',
      args: '--host --port 4100 --strictPort',
      env: { CI: 'true' },
      env_liveness: { vite: 'http://localhost:4100/shop/' },
    },
  },
  {
    what: 'Vite whose port is computed',
    files: {
      'package.json': manifest({ dev: 'vite dev' }, ['vite']),
      'vite.config.js': 'export default { server: { port: 4000 + 7 * two, hmr: { port: 4100 } } };',
    },
    wanted: {
      script: 'node_modules/vite/bin/vite.js',
      args: '--port 5173 --strictPort',
      env: { CI: 'true' },
      env_liveness: { vite: 'http://localhost:5173/' },
    },
  },
  {
    what: 'Vite that is installed, and whose program lies elsewhere',
    files: {
      'package.json': manifest({ dev: 'vite --port=4200' }, ['vite']),
      'node_modules/vite/package.json': '{"bin":{"vite":"./cli.js"}}',
    },
    wanted: {
      script: 'node_modules/vite/cli.js',
      args: '--port 4200 --strictPort',
      env: { CI: 'true' },
      env_liveness: { vite: 'http://localhost:4200/' },
    },
  },
  {
    what: 'Vite among others in one script',
    files: { 'package.json': manifest({ dev: 'npm run api & vite --port 4300' }, ['vite']) },
    wanted: {
      script: 'npm',
      args: 'run dev',
      env: { CI: 'true' },
      env_liveness: { vite: 'http://localhost:4300/' },
    },
  },
  {
    what: 'Next',
    files: { 'package.json': manifest({ dev: 'next dev --turbopack -p 3100' }, ['next']) },
    wanted: {
      script: 'node_modules/next/dist/bin/next',
      args: 'dev --turbopack -p 3100',
      env_liveness: {
        http: { url: 'http://localhost:3100/', status: '100-599' },
        timeout: '10s',
        startupTimeout: '180s',
        busyGrace: '60s',
      },
    },
  },
  {
    what: 'Create React App',
    files: { 'package.json': manifest({ start: 'react-scripts start' }, ['react-scripts']) },
    wanted: {
      script: 'node_modules/react-scripts/bin/react-scripts.js',
      args: 'start',
      env: { PORT: '3000', BROWSER: 'none', CI: 'true' },
      env_liveness: {
        http: { url: 'http://localhost:3000/', status: '100-599' },
        timeout: '10s',
        startupTimeout: '180s',
        busyGrace: '60s',
      },
    },
  },
  {
    what: 'React Router with a base in the configuration of Vite',
    files: {
      'package.json': manifest({ dev: 'react-router dev --host' }, ['@react-router/dev', 'vite']),
      'vite.config.ts': "export default { base: '/shop/' };",
    },
    wanted: {
      script: 'node_modules/@react-router/dev/bin.js',
      args: 'dev --host --port 5173 --strictPort',
      env: { CI: 'true' },
      env_liveness: { vite: 'http://localhost:5173/shop/' },
    },
  },
  {
    what: 'Vite with the library React Router',
    files: { 'package.json': manifest({}, ['react-router', 'vite']) },
    wanted: {
      script: 'node_modules/vite/bin/vite.js',
      args: '--port 5173 --strictPort',
      env: { CI: 'true' },
      env_liveness: { vite: 'http://localhost:5173/' },
    },
  },
  {
    what: 'Astro, which brings Vite along',
    files: { 'package.json': manifest({ dev: 'astro dev' }, ['vite', 'astro']) },
    wanted: {
      script: 'node_modules/astro/astro.js',
      args: 'dev --port 4321',
      env_liveness: { vite: 'http://localhost:4321/' },
    },
  },
  {
    what: 'Astro whose configuration has a base',
    files: {
      'package.json': manifest({ dev: 'astro dev' }, ['astro']),
      'astro.config.mjs': "export default defineConfig({ base: '/docs' });",
    },
    wanted: {
      script: 'node_modules/astro/astro.js',
      args: 'dev --port 4321',
      env_liveness: { vite: 'http://localhost:4321/docs/' },
    },
  },
  {
    what: 'any other server',
    files: { 'package.json': manifest({ start: 'node server.js --port 8080' }) },
    wanted: {
      script: 'npm',
      args: 'run start',
      env_liveness: { http: { url: 'http://localhost:8080/', status: '100-599' } },
    },
  },
];

describe('init in a project without an ecosystem file', () => {
  for (const { what, files, wanted } of CASES) {
    test(`writes one for ${what}, which PM2 loads and the monitor takes`, async (context) => {
      const { dir, remove } = await projectOf(files);
      context.after(remove);
      const { code, out } = await typeInit(dir);
      assert.equal(code, 0);
      const [app, monitor] = await load(dir);
      assert.deepEqual(app, { name: 'shop', ...wanted });
      const read = readBlock(app?.env_liveness, { ...app?.env, pm_cwd: dir });
      assert.equal(read.ok, true, JSON.stringify(read));
      assert.deepEqual(monitor, {
        name: 'pm2-liveness',
        script: fileURLToPath(new URL('../../../src/main.js', import.meta.url)),
        pmx: false,
        kill_timeout: 5000,
        restart_delay: 2000,
      });
      assert.match(out, /^\+\+\+ ecosystem\.config\.cjs$/m);
      assert.match(
        out,
        /npx pm2 start ecosystem\.config\.cjs\n {2}npx pm2-liveness status\n.*status page.*\n {2}env: \{ LIVENESS_HTTP: '9616' \},$/,
      );
      assert.deepEqual(
        (await readdir(dir)).filter((name) => name.startsWith('.')),
        [],
      );
    });
  }

  test('writes no block and no port for a server that tells nothing of its port', async (context) => {
    const { dir, remove } = await projectOf({
      'package.json': manifest({ dev: 'tsx watch src/main.ts' }),
    });
    context.after(remove);
    const { code, err } = await typeInit(dir);
    assert.equal(code, 0);
    const [app] = await load(dir);
    assert.deepEqual(app, { name: 'shop', script: 'npm', args: 'run dev' });
    assert.match(err, /^shop: its port is not known, so it gets no block\. Run init with --port/m);
  });

  test("takes the project's own monitor where it is installed", async (context) => {
    const { dir, remove } = await projectOf({
      'package.json': manifest({ dev: 'vite' }),
      'node_modules/pm2-liveness/package.json': '{}',
      'node_modules/pm2-liveness/dist/main.js': '',
    });
    context.after(remove);
    await typeInit(dir);
    assert.equal((await load(dir))[1]?.script, 'node_modules/pm2-liveness/dist/main.js');
  });

  test('calls an app web where the name of its package is not one for PM2', async (context) => {
    const { dir, remove } = await projectOf({
      'package.json': JSON.stringify({ name: 'pm2-liveness', scripts: { dev: 'vite' } }),
    });
    context.after(remove);
    await typeInit(dir);
    assert.equal((await load(dir))[0]?.name, 'web');
  });

  for (const [what, files, said] of [
    [
      'nothing to run',
      { 'package.json': '{"name":"library"}' },
      /has no package\.json with a 'dev'/,
    ],
    ['no package.json', {}, /has no package\.json with a 'dev'/],
    [
      'a package.json that is torn',
      { 'package.json': '{"name":' },
      /package\.json cannot be read: /,
    ],
    ['a package.json that is a list', { 'package.json': '[]' }, /holds no JSON object/],
    [
      'a file in TypeScript, which PM2 does not read',
      { 'package.json': '{}', 'ecosystem.config.ts': 'export default {}' },
      /PM2 does not read ecosystem\.config\.ts/,
    ],
    [
      'two files',
      { 'ecosystem.json': '', 'ecosystem.config.js': '' },
      /config\.js and ecosystem\.json; /,
    ],
  ] as const) {
    test(`is a usage error where there is ${what}`, async (context) => {
      const { dir, remove } = await projectOf(files);
      context.after(remove);
      await assert.rejects(typeInit(dir), (error: Error) => {
        assert.equal(codeOf(error), 'ERR_USAGE');
        assert.match(error.message, said);
        return true;
      });
      assert.deepEqual((await readdir(dir)).toSorted(), Object.keys(files).toSorted());
    });
  }

  test('writes nothing without a terminal and without --yes, and says why', async (context) => {
    const { dir, remove } = await projectOf({ 'package.json': manifest({ dev: 'vite' }) });
    context.after(remove);
    const { code, out, err } = await typeInit(dir, []);
    assert.equal(code, 1);
    assert.match(out, /^\+ {6}name: 'shop',$/m);
    assert.match(
      err,
      /^pm2-liveness is not installed in this project, so the entry uses \/.*; better: run npm pack .*\/pm2-liveness-\d+\.\d+\.\d+\.tgz here/,
    );
    assert.match(err, /\nNothing is written: there is no terminal to ask on; add --yes\.$/);
    assert.deepEqual(await readdir(dir), ['package.json']);
  });

  test('says how to rename a file that PM2 cannot load, and writes no second one', async (context) => {
    const { dir, remove } = await projectOf({
      'package.json': manifest({ dev: 'vite' }),
      'ecosystem.config.js': 'module.exports = { apps: [] };',
    });
    context.after(remove);
    const { code, err } = await typeInit(dir);
    assert.equal(code, 1);
    assert.match(err, /mv ecosystem\.config\.js ecosystem\.config\.cjs/);
    assert.deepEqual((await readdir(dir)).toSorted(), ['ecosystem.config.js', 'package.json']);
  });

  test('does as it is answered', async (context) => {
    const { dir, remove } = await projectOf({ 'package.json': manifest({ dev: 'vite' }) });
    context.after(remove);
    const asked: string[] = [];
    const answering = (answer: boolean) => async (question: string) => {
      asked.push(question);
      return answer;
    };
    assert.equal((await typeInit(dir, [], answering(false))).code, 1);
    assert.deepEqual(await readdir(dir), ['package.json']);
    assert.equal((await typeInit(dir, [], answering(true))).code, 0);
    assert.deepEqual(asked, Array(2).fill('Write ecosystem.config.cjs? [y/N] '));
    // And there is nothing left to do.
    const before = await readFile(join(dir, 'ecosystem.config.cjs'), 'utf8');
    const again = await typeInit(dir);
    assert.deepEqual([again.code, again.out], [0, 'ecosystem.config.cjs is complete already.']);
    assert.equal(await readFile(join(dir, 'ecosystem.config.cjs'), 'utf8'), before);
  });
});
