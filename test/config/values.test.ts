import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/config/schema/durations.ts';
import { nearest } from '../../src/text/nearest.ts';
import { parseSize } from '../../src/config/schema/sizes.ts';

const SEVEN_DAYS_MS = 7 * 86_400_000;

describe('a duration', () => {
  it('is a number with a unit', () => {
    const read = ['250ms', '5s', '1.5s', '10m', '2h', '7d'].map((text) => parseDuration(text));
    assert.deepEqual(read, [250, 5000, 1500, 600_000, 7_200_000, SEVEN_DAYS_MS]);
  });

  it('reads back as it was written', () => {
    const times = fc.integer({ min: 1, max: SEVEN_DAYS_MS });
    fc.assert(fc.property(times, (ms) => assert.equal(parseDuration(formatDuration(ms)), ms)));
  });

  it('is written with the largest unit that is exact', () => {
    const written = [0, 1, 1001, 90_000, 120_000, 86_400_000].map(formatDuration);
    assert.deepEqual(written, ['0ms', '1ms', '1001ms', '90s', '2m', '1d']);
  });

  it('is never a bare number: what to write instead is said', () => {
    const said = { code: 'ERR_CONFIG', message: "got 5; write '5s' or '5ms'" };
    assert.throws(() => parseDuration(5), said);
    assert.throws(() => parseDuration('5'), { message: "got '5'; write '5s' or '5ms'" });
  });

  it('throws ERR_CONFIG on anything else', () => {
    for (const input of [
      '',
      '5',
      '-5s',
      '5 s',
      '5S',
      's',
      '1e3s',
      '0.1ms',
      NaN,
      -1,
      null,
      {},
      [],
    ]) {
      assert.throws(() => parseDuration(input), { code: 'ERR_CONFIG' }, JSON.stringify(input));
    }
  });

  it('keeps to its bounds', () => {
    assert.equal(parseDuration('0s', { minMs: 0 }), 0);
    assert.throws(() => parseDuration('0s'), { message: "got '0s'; write at least '1ms'" });
    const over = { message: "got '61s'; write at most '1m'" };
    assert.throws(() => parseDuration('61s', { maxMs: 60_000 }), over);
  });
});

describe('a size', () => {
  it('is a number with a unit of 1024', () => {
    const read = ['2048K', '512M', '512MB', '1G', '1.5GB'].map(parseSize);
    assert.deepEqual(read, [2 ** 21, 2 ** 29, 2 ** 29, 2 ** 30, 1.5 * 2 ** 30]);
  });

  it('throws ERR_CONFIG on anything else', () => {
    for (const input of ['', '512', '512m', '5T', '-1M', '1K', '2000G', 512, null]) {
      assert.throws(() => parseSize(input), { code: 'ERR_CONFIG' }, JSON.stringify(input));
    }
  });
});

describe('the nearest key', () => {
  const keys = ['period', 'fastPeriod', 'timeout', 'tcp', 'http', 'maxBackoff'];
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['perod', 'period'],
    ['peroid', 'period'],
    ['PERIOD', 'period'],
    ['fast_period', 'fastPeriod'],
    ['max-backof', 'maxBackoff'],
    ['timeOut', 'timeout'],
    ['htpp', 'http'],
    ['tpc', 'tcp'],
    ['interval', undefined],
    ['x', undefined],
    ['', undefined],
    ['period'.repeat(20), undefined],
  ];
  for (const [word, expected] of cases) {
    it(`of '${word.slice(0, 20)}' is ${expected ?? 'none'}`, () => {
      assert.equal(nearest(word, keys), expected);
    });
  }
});
