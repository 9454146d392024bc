import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { describe, test } from 'node:test';
import { PAGES, withTables } from '../../docs/tables/pages.ts';
import { blockJsonSchema, fieldsOf, waysOf } from '../../src/config/json-schema/json-schema.ts';

const read = (path: string): Promise<string> =>
  readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
const readme = await read('README.md');
const settings = await read('docs/SETTINGS.md');

describe('generated pages', () => {
  for (const path of Object.keys(PAGES)) {
    test(`${path} has its tables as their sources have them`, async () => {
      const page = await read(path);
      assert.ok(page === withTables(path, page), `${path} is behind its sources: \`npm run docs\``);
    });
  }
});

describe('every link', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'example/recipes/README.md'];
  for (const name of readdirSync(new URL('../../docs', import.meta.url))) {
    if (name.endsWith('.md')) pages.push(`docs/${name}`);
  }
  for (const path of pages) {
    test(`in ${path} leads to something`, async () => {
      const page = await read(path);
      const links = [...page.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to);
      for (const link of links.filter((each) => !/^(https?|mailto):/.test(each))) {
        const [file = '', heading] = link.split('#');
        const target = file === '' ? path : posix.join(posix.dirname(path), file);
        assert.ok(existsSync(new URL(`../../${target}`, import.meta.url)), `${path}: ${link}`);
        if (heading === undefined) continue;
        const anchors = [...(await read(target)).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
          text
            .toLowerCase()
            .replaceAll(/[^\p{L}\p{N} -]/gu, '')
            .replaceAll(' ', '-'),
        );
        assert.ok(anchors.includes(heading), `${path}: ${link} (has ${anchors.join(', ')})`);
      }
    });
  }
});

describe('the README', () => {
  test('is read at one sitting', () => {
    assert.ok(readme.split('\n').length <= 201);
  });

  test('has a row for every key of a block and of every probe, with words in it', () => {
    const forms = Object.entries(fieldsOf(blockJsonSchema()));
    const inner = forms.flatMap(([, form]) =>
      [form, ...waysOf(form)].flatMap((way) => Object.entries(fieldsOf(way))),
    );
    assert.ok(inner.length > 25, String(inner.length));
    for (const [key, { description }] of [...forms, ...inner]) {
      assert.ok(typeof description === 'string' && description.length > 3, key);
      if (key !== 'restarts') assert.ok(settings.includes(` ${description} |`), key);
    }
  });

  test('names every probe in the picture of the flow', () => {
    const picture = /```\n every period[\s\S]*?```/.exec(readme)?.[0] ?? '';
    for (const probe of ['tcp', 'http', 'vite', 'exec', 'websocket', 'heartbeat']) {
      assert.match(picture, new RegExp(`│[^│]*\\b${probe}\\b`), probe);
    }
  });

  test('installs the tarball of this version, because no registry has it', async () => {
    const manifest = JSON.parse(
      await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    const tarball = `pm2-liveness-${manifest.version}.tgz`;
    assert.ok(readme.includes(`npm install -D ../pm2-liveness/${tarball}`));
    assert.doesNotMatch(readme, /npm (install|i) (-D |--save-dev )?pm2-liveness(?![-\w/])/);
  });

  test('names the two commands that do everything', async () => {
    assert.match(readme, /^npm ci && npm start$/m);
    assert.match(readme, /`npm ci && npm test`/);
    assert.match(
      await readFile(new URL('../../.ci/run', import.meta.url), 'utf8'),
      /npm ci && npm test/,
    );
  });

  test('gives the bounds that the settings compute to, in DECISIONS', async () => {
    const decisions = await read('docs/DECISIONS.md');
    const [fast, threshold, kill] = [1, 3, 1.6];
    for (const { period, timeout } of [
      { period: 5, timeout: 2 },
      { period: 1, timeout: 1 },
    ]) {
      const wrong = 1.1 * (period + (threshold - 1) * fast);
      // Of probes that confirm a timeout the next begins while one still waits.
      const overlapping = 1.1 * period + 2 * timeout + (threshold - 2) * fast;
      const hang = (timeout > fast ? overlapping : wrong + timeout) + kill;
      const stopped = 1.1 * period + Math.min(0.5, timeout / 4) + 1;
      for (const bound of [hang, wrong, stopped])
        assert.ok(decisions.includes(`${bound.toFixed(1)} s + start`), String(bound));
    }
  });
});
