import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exposition, formatFor } from '../../../src/listener/metrics/exposition.ts';
import {
  BOUNDS,
  bucketOf,
  counter,
  gauge,
  type Family,
} from '../../../src/listener/metrics/family.ts';
import { labelText } from '../../../src/listener/metrics/label-text.ts';

describe('the formats of Prometheus', () => {
  const families: Family[] = [
    {
      ...gauge('build_info', 'Version.', [{ labels: labelText({ version: '1' }), value: 1 }]),
      type: 'info',
    },
    counter('restarts', 'Restarts.', 1_500, [{ labels: labelText({ app: 'web' }), value: 2 }]),
    gauge('disk_free_bytes', 'Room.', [{ labels: labelText({}), value: 12 }]),
    gauge('paused', 'Nothing of it.', []),
  ];

  test('text 0.0.4 has the endings in the names of the families', () => {
    assert.equal(
      exposition(families, 'text'),
      [
        '# HELP pm2_liveness_build_info Version.',
        '# TYPE pm2_liveness_build_info gauge',
        'pm2_liveness_build_info{version="1"} 1',
        '# HELP pm2_liveness_restarts_total Restarts.',
        '# TYPE pm2_liveness_restarts_total counter',
        'pm2_liveness_restarts_total{app="web"} 2',
        '# HELP pm2_liveness_disk_free_bytes Room.',
        '# TYPE pm2_liveness_disk_free_bytes gauge',
        'pm2_liveness_disk_free_bytes 12',
        '',
      ].join('\n'),
    );
  });

  test('OpenMetrics has them in the series alone, with unit, start and end', () => {
    assert.equal(
      exposition(families, 'openmetrics'),
      [
        '# HELP pm2_liveness_build Version.',
        '# TYPE pm2_liveness_build info',
        'pm2_liveness_build_info{version="1"} 1',
        '# HELP pm2_liveness_restarts Restarts.',
        '# TYPE pm2_liveness_restarts counter',
        'pm2_liveness_restarts_total{app="web"} 2',
        'pm2_liveness_restarts_created{app="web"} 1.5',
        '# HELP pm2_liveness_disk_free_bytes Room.',
        '# TYPE pm2_liveness_disk_free_bytes gauge',
        '# UNIT pm2_liveness_disk_free_bytes bytes',
        'pm2_liveness_disk_free_bytes 12',
        '# EOF',
        '',
      ].join('\n'),
    );
  });

  test('a histogram counts up to each bound, and all', () => {
    const cumulative = [...BOUNDS.map((_, index) => index), 99];
    const family: Family = {
      name: 'x_seconds',
      help: 'h',
      type: 'histogram',
      createdAt: 1_000,
      points: [{ labels: labelText({ app: 'a' }), cumulative, sum: 7.5 }],
    };
    const text = exposition([family], 'openmetrics');
    assert.match(text, /^x_seconds_bucket\{app="a",le="0\.005"\} 0$/m);
    assert.match(text, /^x_seconds_bucket\{app="a",le="1\.0"\} 7$/m);
    assert.match(text, /^x_seconds_bucket\{app="a",le="\+Inf"\} 99$/m);
    assert.match(text, /^x_seconds_sum\{app="a"\} 7\.5\nx_seconds_count\{app="a"\} 99$/m);
    assert.match(text, /^x_seconds_created\{app="a"\} 1$/m);
  });

  test('no name of an app ends its label', () => {
    const labels = labelText({ app: 'a"} 1\n\\x\uD800' });
    const text = exposition([gauge('paused', 'p', [{ labels, value: 0 }])], 'text');
    assert.match(text, /^pm2_liveness_paused\{app="a\\"\} 1\\n\\\\x\uFFFD"\} 0$/m);
  });

  test('numbers are as Prometheus writes them', () => {
    const points = [Infinity, -Infinity, NaN, 1e-7, 1e21].map((value) => ({
      labels: labelText({}),
      value,
    }));
    const text = exposition([gauge('paused', 'p', points)], 'text');
    assert.deepEqual(
      text.split('\n').slice(2, -1),
      ['+Inf', '-Inf', 'NaN', '1e-7', '1e+21'].map((word) => `pm2_liveness_paused ${word}`),
    );
  });
});

test('a duration falls into the first bucket that holds it', () => {
  assert.deepEqual([0, 0.005, 0.0051, 30, 31].map(bucketOf), [0, 0, 1, 11, 12]);
});

test('OpenMetrics is for who asks for it', () => {
  const prometheus =
    'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1';
  const asked: [string | undefined, string][] = [
    [undefined, 'text'],
    ['*/*', 'text'],
    ['text/plain', 'text'],
    [prometheus, 'openmetrics'],
    ['Application/OpenMetrics-Text', 'openmetrics'],
    ['application/openmetrics-text;q=0.1, text/plain', 'text'],
    ['application/openmetrics-text;q=0', 'text'],
    ['application/openmetrics-text;q=abc', 'text'],
    [','.repeat(5_000), 'text'],
  ];
  for (const [accept, format] of asked) assert.equal(formatFor(accept), format, accept);
});
