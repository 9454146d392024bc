import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transformSync } from 'esbuild';
import { parseSourceMap } from '../../src/agent/source-map.ts';

const SOURCE = `interface A { readonly a: string }

type B = A;

export function parse(text: B): string {
  let all = '';

  for (;;) all += text.a;
}
`;

function lookUp(minify: boolean): { look: ReturnType<typeof parseSourceMap>; code: string } {
  const options = { loader: 'ts', sourcemap: true, sourcefile: 'src/parse.ts', minify } as const;
  const { code, map } = transformSync(SOURCE, options);
  return { look: parseSourceMap(map), code };
}

test('a line of the running file is found in the source', () => {
  const { look, code } = lookUp(false);
  const line = code.split('\n').findIndex((text) => text.includes('for (')) + 1;
  assert.deepEqual(look?.(line, null), { source: 'src/parse.ts', line: 8 });
});

test('in a file of one line the column decides', () => {
  const { look, code } = lookUp(true);
  const column = code.indexOf('for(');
  assert.deepEqual(look?.(1, column), { source: 'src/parse.ts', line: 8 });
});

test('what is no map, or has nothing for a line, gives nothing', () => {
  for (const text of ['', '[]', 'null', '{', '{"sources":1,"mappings":""}']) {
    assert.equal(parseSourceMap(text), null);
  }
  const hostile = parseSourceMap('{"sources":[null,{}],"mappings":"AAAA;;;!!!!,zzzzzzzz"}');
  assert.equal(hostile?.(4, 0), null);
  assert.equal(hostile?.(1_000_000, null), null);
});
