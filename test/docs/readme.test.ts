import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { withTables } from '../../docs/tables/readme.ts';
import { blockJsonSchema, fieldsOf, waysOf } from '../../src/config/json-schema.ts';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  test('has its tables as the schema and the commands have them', () => {
    assert.ok(readme === withTables(readme), 'README.md is behind its sources: `npm run docs`');
  });

  test('has a row for every key of a block and of every probe, with words in it', () => {
    const forms = Object.entries(fieldsOf(blockJsonSchema()));
    const inner = forms.flatMap(([, form]) =>
      [form, ...waysOf(form)].flatMap((way) => Object.entries(fieldsOf(way))),
    );
    assert.ok(inner.length > 25, String(inner.length));
    for (const [key, { description }] of [...forms, ...inner]) {
      assert.ok(typeof description === 'string' && description.length > 3, key);
      if (key !== 'restarts') assert.ok(readme.includes(` ${description} |`), key);
    }
  });

  test('names every probe in the picture of the flow', () => {
    const picture = /```\n every period[\s\S]*?```/.exec(readme)?.[0] ?? '';
    for (const probe of ['tcp', 'http', 'vite', 'exec', 'websocket', 'heartbeat']) {
      assert.match(picture, new RegExp(`│[^│]*\\b${probe}\\b`), probe);
    }
  });

  test('installs the tarball of this version, for no registry has it', async () => {
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

  test('gives the bounds that the settings compute to', () => {
    const [period, fast, timeout, threshold, kill] = [5, 1, 2, 3, 1.6];
    const hang = 1.1 * period + threshold * timeout + kill;
    const wrong = 1.1 * (period + (threshold - 1) * fast);
    assert.ok(readme.includes(`${hang.toFixed(1)} s + start`));
    assert.ok(readme.includes(`${wrong.toFixed(1)} s + start`));
    assert.ok(readme.includes(`${(1.1 + 3 + kill).toFixed(1)} s + start`));
    assert.ok(readme.includes(`${(1.1 * 3).toFixed(1)} s + start`));
  });
});
