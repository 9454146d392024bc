import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { msText, sparkSvg, speedOf } from '../../src/page/spark.ts';
import { MINUTE } from './made-up.ts';

const bucket = (n: number, p50Ms: number | null, checks = 10) => {
  const p95Ms = p50Ms === null ? null : p50Ms * 2;
  const times = { p50Ms, p95Ms, maxMs: p95Ms };
  return { from: n * MINUTE, upMs: MINUTE, downMs: 0, unobservedMs: 0, checks, ...times };
};
const form = {
  from: 0,
  ms: 60 * MINUTE,
  stepMs: MINUTE,
  width: 120,
  height: 28,
  label: 'Response times',
};

describe('response times', () => {
  test('the typical one weighs by checks, the slow one is the worst', () => {
    assert.deepEqual(speedOf([bucket(0, 10, 30), bucket(1, 50, 10)]), { p50Ms: 20, p95Ms: 100 });
    assert.equal(speedOf([bucket(0, null, 5)]), null);
  });

  test('the line has a gap where nothing answered', () => {
    const svg = sparkSvg([bucket(0, 1), bucket(1, 1), bucket(2, null), bucket(3, 1)], form).text;
    assert.equal(svg.match(/class="p50"/g)?.length, 2);
    assert.doesNotMatch(svg, /NaN|Infinity/);
  });

  test('stays in its picture, and says in words what it shows', () => {
    const svg = sparkSvg([bucket(0, 5), bucket(59, 2_000)], form).text;
    const numbers = [...svg.matchAll(/d="M([^"]+)"/g)].flatMap(([, path = '']) =>
      path.split(/[LZz ]+/).filter(Boolean),
    );
    for (const [n, text] of numbers.entries()) {
      const value = Number(text);
      assert.ok(value >= 0 && value <= (n % 2 === 0 ? 120 : 28), text);
    }
    assert.match(svg, /aria-label="Response times: 1.0 s typical, 4.0 s/);
    assert.match(sparkSvg([], form).text, /aria-label="Response times: none\."/);
  });

  test('times are short', () => {
    assert.deepEqual([0.42, 12.4, 1_250].map(msText), ['0.4 ms', '12 ms', '1.3 s']);
  });
});
