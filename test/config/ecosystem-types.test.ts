import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fixtures = join(root, 'test/config/ecosystem-types');
const tsc = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);

/** The types as an editor sees them in a project that has this package (`npm test` builds it first). */
describe("import('pm2-liveness').Ecosystem in a .cjs file", () => {
  let project: string;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'pl-types-'));
    await mkdir(join(project, 'node_modules'));
    await symlink(root, join(project, 'node_modules/pm2-liveness'));
    const compilerOptions = {
      allowJs: true,
      checkJs: true,
      noEmit: true,
      strict: true,
      module: 'nodenext',
      skipLibCheck: true,
      types: [],
    };
    await writeFile(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['*.cjs'] }),
    );
  });

  after(() => rm(project, { recursive: true, force: true }));

  /** What the compiler says of a file, a line per error. */
  async function errorsIn(source: string, ...options: readonly string[]): Promise<string[]> {
    const file = join(project, 'ecosystem.config.cjs');
    await writeFile(file, source);
    const args = [tsc, '-p', project, '--pretty', 'false', ...options];
    const { stdout } = await execa(process.execPath, args, { cwd: project, reject: false });
    await rm(file);
    return stdout.split('\n').filter((line) => / error TS\d+: /.test(line));
  }

  it('takes good blocks, and every other field of PM2', async () => {
    const source = await readFile(join(fixtures, 'good.cjs'), 'utf8');
    assert.deepEqual(await errorsIn(source), []);
  });

  for (const options of [
    ['--module', 'node16'],
    ['--module', 'node18'],
    ['--module', 'nodenext'],
    ['--module', 'preserve', '--moduleResolution', 'bundler'],
  ]) {
    it(`works as the README writes it under ${options.join(' ')}`, async () => {
      const readme = await readFile(join(root, 'docs/SETTINGS.md'), 'utf8');
      const forms = /import\('pm2-liveness'(?:, [^)]*)?\)\.Ecosystem/g;
      const [short = '', long = ''] = readme.match(forms) ?? [];
      assert.match(long, /resolution-mode/);
      const isOld = options[1]?.startsWith('node1') === true;
      const source = await readFile(join(fixtures, 'good.cjs'), 'utf8');
      const bad = source.replace("vite: 'http", "vitte: 'http");
      // The long form goes everywhere, the short one where the README does not say otherwise.
      for (const form of isOld ? [long] : [short, long]) {
        assert.deepEqual(await errorsIn(source.replace(short, form), ...options), []);
        assert.match((await errorsIn(bad.replace(short, form), ...options)).join(), /'vitte'/);
      }
    });
  }

  it('refuses each bad block, and nothing beside them', async () => {
    assert.deepEqual(await errorsIn(await readFile(join(fixtures, 'bad.cjs'), 'utf8')), []);
  });

  it('says so on the line of the mistake', async () => {
    const source = await readFile(join(fixtures, 'bad.cjs'), 'utf8');
    const expected = source.match(/@ts-expect-error/g)?.length ?? 0;
    assert.ok(expected > 10, `${expected} mistakes`);
    const errors = await errorsIn(source.replaceAll('@ts-expect-error', 'wrong:'));
    assert.equal(errors.length, expected, errors.join('\n'));
    assert.match(errors.join('\n'), /'perod'/);
  });
});
