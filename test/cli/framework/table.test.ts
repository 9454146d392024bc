import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { styleFor } from '../../../src/cli/framework/style.ts';
import { cut, definitionLines, tableLines, wrapText } from '../../../src/cli/framework/table.ts';
import stringWidth from 'string-width';

const cells = (...texts: string[]): { text: string }[] => texts.map((text) => ({ text }));

describe('a table', () => {
  test('has aligned columns, for characters of any width', () => {
    const lines = tableLines(
      [
        cells('web', 'ok', 'x'),
        cells('店舗', 'ok', 'x'),
        cells('👩‍💻 app', 'ok', 'x'),
        cells('é', 'ok', 'x'),
      ],
      80,
    );
    const at = lines.map((line) => stringWidth(line.slice(0, line.indexOf('ok'))));
    assert.deepEqual([...new Set(at)], [8]);
  });

  test('fits the line: the last column is cut, with an ellipsis', () => {
    const [line = ''] = tableLines([cells('web', 'http://127.0.0.1:5173/'.repeat(9))], 80);
    assert.equal(stringWidth(line), 80);
    assert.ok(line.endsWith('…'));
  });

  test('fits a narrow terminal: after the last column the widest is cut', () => {
    const rows = [cells('NAME', 'STATE', 'ASKED'), cells('店舗'.repeat(20), 'ok', 'x'.repeat(50))];
    for (const columns of [80, 60, 40, 30]) {
      const lines = tableLines(rows, columns);
      assert.ok(
        lines.every((line) => stringWidth(line) <= columns),
        lines.join('\n'),
      );
      assert.match(lines[1] ?? '', /^店舗.*…/);
      assert.match(lines[1] ?? '', / ok /);
    }
  });

  test('is whole in a pipe, at any length', () => {
    const rows = [cells('n'.repeat(300), 'x'.repeat(300))];
    assert.deepEqual(tableLines(rows, Infinity), [`${'n'.repeat(300)}  ${'x'.repeat(300)}`]);
  });

  test('is measured without its colours', () => {
    const style = styleFor(true, { noColor: false, forceColor: false }, false);
    const rows = [
      [{ text: 'a', paint: style.bad }, { text: 'x' }],
      [{ text: 'long' }, { text: 'x' }],
    ];
    const [first = '', second = ''] = tableLines(rows, 80);
    assert.equal(stringWidth(first), stringWidth(second));
    assert.match(first, /\u001B\[31ma/); // oxlint-disable-line no-control-regex -- a colour
  });

  test('cuts between characters, and wraps between words', () => {
    assert.equal(cut('店舗店舗', 5), '店舗…');
    assert.equal(cut('👩‍💻👩‍💻👩‍💻', 5), '👩‍💻👩‍💻…');
    assert.equal(cut('fits', 4), 'fits');
    assert.deepEqual(wrapText('one two three', 8), ['one two', 'three']);
    assert.deepEqual(wrapText('unbreakable', 4), ['unbreakable']);
  });
});

describe('words with their meanings', () => {
  const pairs = [
    ['--json', 'the same as JSON, for a script'],
    ['-f', 'look on'],
  ] as const;

  test('are wrapped beside them, and never cut', () => {
    assert.deepEqual(definitionLines(pairs, 30), [
      '--json  the same as JSON, for',
      '        a script',
      '-f      look on',
    ]);
  });

  test('are below them where there is too little room', () => {
    assert.deepEqual(definitionLines(pairs, 24), [
      '--json',
      '        the same as',
      '        JSON, for a',
      '        script',
      '-f',
      '        look on',
    ]);
  });
});

describe('colours', () => {
  const none = { noColor: false, forceColor: false };
  const isColoured = (...given: Parameters<typeof styleFor>): boolean =>
    styleFor(...given).bad('x') !== 'x';

  test('are for a terminal, and for nobody who does not want them', () => {
    assert.equal(isColoured(true, none, false), true);
    assert.equal(isColoured(false, none, false), false);
    assert.equal(isColoured(true, { ...none, noColor: true }, false), false);
    assert.equal(isColoured(true, none, true), false);
    assert.equal(isColoured(false, { ...none, forceColor: true }, false), true);
    assert.equal(isColoured(false, { noColor: true, forceColor: true }, false), false);
  });
});
