import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { init, parse } from 'es-module-lexer/minimal';
import { execa } from 'execa';
import { manifestIn, runtimeStock, type Manifest } from '../support/installed-packages.ts';
import { offlineEnv, pack } from '../support/module-home.ts';
import { OfflineRegistry } from '../support/offline-registry.ts';

const root = new URL('../..', import.meta.url).pathname;

/** Generous today; a source map or a test in it would be more. */
const MOST_BYTES = 1_100_000;

describe('the packed tarball', () => {
  let folder: string;
  let tarball: string;
  let unpacked: string;
  let manifest: Manifest;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pl-tarball-'));
    tarball = await pack(root, folder);
    await execa('tar', ['-xzf', tarball, '-C', folder]);
    unpacked = join(folder, 'package');
    manifest = manifestIn(unpacked);
  });

  after(() => rm(folder, { recursive: true, force: true }));

  test('holds the built sources, the schemas of a block, a notice and a history, three texts and package.json, and nothing else', async () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
    const built = sources
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => ['.js', '.d.ts'].map((end) => `dist/${file.slice(0, -3)}${end}`));
    const assets = readdirSync(join(root, 'src/page/asset')).map(
      (file) => `dist/page/asset/${file}`,
    );
    assert.ok(built.length > 200, `${built.length} files`);
    const { stdout } = await execa('tar', ['-tzf', tarball]);
    const held = stdout.split('\n').map((path) => path.replace(/^package\//, ''));
    assert.deepEqual(
      held.sort(),
      [
        ...built,
        ...assets,
        'dist/env-liveness.schema.json',
        'dist/history.schema.json',
        'dist/incidents.schema.json',
        'dist/status.schema.json',
        'dist/notice.schema.json',
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'package.json',
      ].sort(),
      'if dist holds what src has no more: npm run clean, then build again',
    );
    assert.ok(statSync(tarball).size < MOST_BYTES, `${statSync(tarball).size} bytes`);
  });

  test('gives PM2 the program, its name, and every setting with its prefix', () => {
    const [app, ...others] = manifest['apps'] as { name: string; script: string; pmx: boolean }[];
    assert.deepEqual(others, []);
    assert.equal(app?.name, manifest.name);
    assert.ok(existsSync(join(unpacked, app.script)));
    assert.equal(app.pmx, false);
    // PM2 puts each into the environment by its name, where `port` or `name` would clash.
    for (const key of Object.keys(manifest['config'] ?? {})) assert.match(key, /^liveness_/);
    assert.deepEqual(manifest['bin'], { [manifest.name]: 'dist/cli/main.js' });
    assert.ok(existsSync(join(unpacked, 'dist/cli/main.js')));
  });

  test('imports its own files, Node and its dependencies, at any time', async () => {
    await init();
    const asked = new Set<string>();
    for (const file of readdirSync(join(unpacked, 'dist'), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.js')) continue;
      const [imports] = parse(await readFile(join(unpacked, 'dist', file), 'utf8'));
      for (const { n: name } of imports) {
        if (name !== undefined && !name.startsWith('.')) asked.add(name);
      }
    }
    const packages = [...asked]
      .filter((name) => !name.startsWith('node:'))
      .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
    const known = Object.keys(manifest.dependencies ?? {});
    assert.deepEqual(
      packages.filter((name) => !known.includes(name)),
      [],
    );
    assert.ok(packages.includes('pm2') && packages.includes('es-module-lexer'), packages.join());
  });

  test('is installed by npm without what is needed to develop it, and runs', async () => {
    const registry = await OfflineRegistry.open(runtimeStock(root));
    const user = join(folder, 'user');
    await mkdir(user);
    await writeFile(join(user, 'package.json'), '{ "private": true }\n');
    const options = { cwd: user, env: await offlineEnv(folder, registry.url) };
    await execa('npm', ['install', '--omit=dev', tarball], options);
    await registry.close();
    assert.deepEqual(registry.refused, []);
    for (const name of Object.keys(manifest['devDependencies'] ?? {})) {
      assert.ok(!existsSync(join(user, 'node_modules', name)), name);
    }
    const program = join(user, 'node_modules/.bin/pm2-liveness');
    const { stdout } = await execa(program, ['--help'], options);
    assert.match(stdout, /^Usage: pm2-liveness <command>/);
    const script = "console.log(Object.keys(await import('pm2-liveness')).length > 0)";
    const types = await execa('node', ['--input-type=module', '-e', script], options);
    assert.equal(types.stdout, 'true');
    const title = "console.log(require('pm2-liveness/schema.json').title)";
    const schema = await execa('node', ['--input-type=commonjs', '-e', title], options);
    assert.equal(schema.stdout, 'env_liveness');
  });
});
