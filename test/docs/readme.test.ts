import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { blockMeanings, restartsMeanings } from '../../src/config/meanings.ts';
import { blockDefaults, probeKeys } from '../../src/config/schema.ts';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

/** The cells of every table row that begins with a key in backticks. */
function rows(): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, key, value] of readme.matchAll(/^\| `([\w.]+)` \| ([^|]+) \|/gm)) {
    if (key !== undefined && value !== undefined) found.set(key, value.trim().replaceAll('`', ''));
  }
  return found;
}

describe('the README', () => {
  const { restarts, ...plain } = blockDefaults;
  const defaults = [
    ...Object.entries(plain),
    ...Object.entries(restarts).map(([key, value]) => [`restarts.${key}`, value] as const),
  ];
  for (const [key, value] of defaults) {
    test(`gives the default of ${key} as the schema has it`, () => {
      assert.equal(rows().get(key), String(value));
    });
  }

  /** Rows that lean on the one above them, where the JSON Schema's words stand alone. */
  const leaning = [
    'fastPeriod',
    'startupPeriod',
    'restarts.limit',
    'restarts.within',
    'restarts.maxCooldown',
  ];
  const { restarts: _, ...meanings } = blockMeanings;
  const told = [
    ...Object.entries(meanings).filter(([key]) => !probeKeys.some((probe) => probe === key)),
    ...Object.entries(restartsMeanings).map(([key, text]) => [`restarts.${key}`, text] as const),
  ];
  for (const [key, meaning] of told) {
    test(`has a row for ${key}, in the words of the JSON Schema`, () => {
      const row = readme.split('\n').find((line) => line.startsWith(`| \`${key}\` | `));
      const text = row?.split(' | ').at(-1)?.replace(/ \|$/, '');
      if (leaning.includes(key)) assert.ok(text, key);
      else assert.equal(text, meaning);
    });
  }

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
