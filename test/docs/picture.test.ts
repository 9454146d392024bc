import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runsOf } from '../../docs/picture/ansi.ts';
import { partsOf } from '../../docs/picture/film.ts';
import { svgOf } from '../../docs/picture/svg.ts';

const plain = { colour: null, isBold: false, isDim: false };

describe('a line of a terminal', () => {
  test('is runs of characters that are painted alike', () => {
    assert.deepEqual(runsOf('\u001B[1mweb\u001B[0m  \u001B[32mok\u001B[39m'), [
      { ...plain, isBold: true, text: 'web' },
      { ...plain, text: '  ' },
      { ...plain, colour: 'green', text: 'ok' },
    ]);
    assert.deepEqual(runsOf('\u001B[2;31;49mx'), [
      { ...plain, colour: 'red', isDim: true, text: 'x' },
    ]);
  });

  test('with what is not known is an error, and not drawn wrongly', () => {
    for (const line of ['\u001B[2Jx', '\u001B[35mx']) assert.throws(() => runsOf(line), /unknown/);
  });
});

describe('a film', () => {
  const film = {
    lengthMs: 400,
    frames: [
      { atMs: 0, screen: ['a', 'x'] },
      { atMs: 100, screen: ['b', 'x'] },
      { atMs: 300, screen: ['a', 'x'] },
    ],
  };

  test('has each line once, with all its times', () => {
    assert.deepEqual(partsOf(film), [
      {
        row: 0,
        line: 'a',
        times: [
          [0, 100],
          [300, 400],
        ],
      },
      { row: 1, line: 'x', times: [[0, 400]] },
      { row: 0, line: 'b', times: [[100, 300]] },
    ]);
  });

  test('moves where something changes, and rests on its last picture where nothing may move', () => {
    const svg = svgOf(film, { title: 't', description: 'd', columns: 80, rows: 2 });
    assert.match(svg, /#m0\{animation:m0 400ms step-end infinite\}/);
    assert.match(svg, /@keyframes m0\{0%\{opacity:1\}25%\{opacity:0\}75%\{opacity:1\}\}/);
    assert.match(svg, /<g id="m0"><text[^>]*>a</);
    assert.match(svg, /<g id="m1" opacity="0"><text[^>]*>b</);
    assert.match(svg, /^<text[^>]*>x<\/text>$/m);
  });
});
