import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { formatProblems } from '../../src/config/problem.ts';
import { readBlock, type BlockResult } from '../../src/config/target-config.ts';

const keys = [
  'tcp',
  'http',
  'vite',
  'exec',
  'websocket',
  'heartbeat',
  'period',
  'timeout',
  'restarts',
];
const innerKeys = ['url', 'host', 'port', 'status', 'body', 'headers', 'command', 'env', 'limit'];
const texts = fc.oneof(
  fc.constantFrom('5s', 'http://a/', '${A}', '${', '$${', '/(/', '/a/i', '[::1]:1', '200-299'),
  fc.string({ unit: 'binary' }),
);
const leaves = fc.oneof(texts, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const inner = fc.dictionary(fc.oneof(fc.constantFrom(...innerKeys), fc.string()), leaves);
/** Blocks that look right at first sight. */
const blocks = fc.dictionary(
  fc.oneof(fc.constantFrom(...keys), fc.string()),
  fc.oneof(leaves, inner, fc.array(leaves), fc.jsonValue()),
);

function expectBounded(result: BlockResult): void {
  if (result.ok) return;
  assert.ok(result.problems.length >= 1 && result.problems.length <= 21);
  const text = formatProblems('web', result.problems);
  assert.equal(text.split('\n').length, result.problems.length + 1, 'one line each');
  assert.ok(text.length < 21 * 800, `${text.length} characters`);
}

function nested(depth: number): unknown {
  let value: unknown = '${A}';
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? { a: value } : [value];
  return value;
}

describe('readBlock never throws, and says a bounded amount', () => {
  it('on any JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), (block) => expectBounded(readBlock(block, {}))));
  });

  it('on any value', () => {
    fc.assert(fc.property(fc.anything(), (block) => expectBounded(readBlock(block, {}))));
  });

  it('on blocks that are nearly right, and any variables', () => {
    const variables = fc.dictionary(fc.constantFrom('A', 'B'), fc.anything());
    fc.assert(
      fc.property(blocks, variables, (block, env) => expectBounded(readBlock(block, env))),
      { numRuns: 500 },
    );
  });

  it('on keys that objects have by nature', () => {
    const block: unknown = JSON.parse(
      '{"__proto__":{"tcp":"a:1"},"constructor":1,"tcp":{"__proto__":{"host":"a"},"port":1}}',
    );
    const result = readBlock(block, JSON.parse('{"__proto__":{"A":"1"}}'));
    const paths = result.ok ? [] : result.problems.map(({ path }) => path);
    assert.deepEqual(paths, ['env_liveness.tcp.host', 'env_liveness.constructor']);
    assert.equal(Object.hasOwn(Object.prototype, 'tcp'), false);
  });

  it('on variables that objects have by nature', () => {
    const result = readBlock({ tcp: '${constructor}:${__proto__}' }, {});
    assert.equal(result.ok, false);
  });

  it('on very deep blocks', () => {
    expectBounded(readBlock(nested(100_000), {}));
    expectBounded(readBlock({ http: nested(100_000), restarts: nested(100_000) }, {}));
  });

  it('on very long texts and many keys', () => {
    const long = 'x'.repeat(5_000_000);
    expectBounded(readBlock({ tcp: long, [long]: 1, period: long, action: long }, {}));
    expectBounded(readBlock({ exec: '\\ '.repeat(1_000_000), http: `/${long}/i` }, {}));
    expectBounded(
      readBlock({ http: { url: `http://${long}`, body: `/${'('.repeat(9999)}/` } }, {}),
    );
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key${i}`, i]));
    expectBounded(readBlock(many, {}));
  });

  it('on references that would multiply', () => {
    const result = readBlock({ exec: '${A}'.repeat(100_000) }, { A: 'x'.repeat(100_000) });
    assert.deepEqual(result, {
      ok: false,
      problems: [
        { path: 'env_liveness.exec', message: 'longer than 256 KiB with its variables replaced' },
      ],
    });
  });
});

describe('formatProblems', () => {
  it('says where, what, and how many', () => {
    const problems = [
      { path: 'env_liveness.period', message: "got 5; write '5s' or '5ms'" },
      { path: 'env_liveness.perod', message: "unknown key; did you mean 'period'?" },
    ];
    assert.equal(
      formatProblems('web\n', problems),
      [
        'web\\u{a}: 2 problems in its settings',
        "  env_liveness.period: got 5; write '5s' or '5ms'",
        "  env_liveness.perod: unknown key; did you mean 'period'?",
      ].join('\n'),
    );
  });
});
