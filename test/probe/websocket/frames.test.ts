import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import {
  encodeFrame,
  FrameReader,
  MAX_RECEIVED_BYTES,
  type Frame,
} from '../../../src/probe/websocket/frames.ts';
import { serverFrame, text } from '../support/web-socket-server.ts';

/** What a reader makes of bytes that come in pieces of these sizes, the last of them again and again. */
function read(bytes: Buffer, ...sizes: readonly number[]): Frame[] {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[Math.min(turn, sizes.length - 1)] ?? bytes.length;
    frames.push(...reader.read(bytes.subarray(at, at + size)));
    at += size;
  }
  return frames;
}

const cases: readonly (readonly [what: string, bytes: Buffer, frames: readonly Frame[]])[] = [
  ['a text', text('hello'), [{ kind: 'text', text: 'hello' }]],
  ['an empty text', text(''), [{ kind: 'text', text: '' }]],
  ['a text of 126 bytes', text('a'.repeat(126)), [{ kind: 'text', text: 'a'.repeat(126) }]],
  [
    'two texts, then a close with code and reason',
    Buffer.concat([text('a'), text('b'), serverFrame(0x88, Buffer.from('\x03\xe8bye', 'latin1'))]),
    [
      { kind: 'text', text: 'a' },
      { kind: 'text', text: 'b' },
      { kind: 'close', code: 1000, reason: 'bye' },
    ],
  ],
  ['a close without a code', serverFrame(0x88, ''), [{ kind: 'close', code: null, reason: '' }]],
  ['a binary message', serverFrame(0x82, 'x'), [{ kind: 'binary' }]],
  ['a pong', serverFrame(0x8a, 'x'), [{ kind: 'pong' }]],
  [
    'a message in parts, with a ping among them and a character across them',
    Buffer.concat([
      serverFrame(0x01, Buffer.from([0xc3])),
      serverFrame(0x89, 'p'),
      serverFrame(0x80, Buffer.from([0xa4])),
    ]),
    [
      { kind: 'ping', payload: Buffer.from('p') },
      { kind: 'text', text: 'ä' },
    ],
  ],
  ['a masked frame', Buffer.from([0x81, 0x81]), [{ kind: 'broken', reason: 'a masked frame' }]],
  [
    'reserved bits',
    serverFrame(0xc1, 'x'),
    [{ kind: 'broken', reason: 'reserved bits that no extension uses' }],
  ],
  [
    'an unknown opcode',
    serverFrame(0x83, ''),
    [{ kind: 'broken', reason: 'an unknown opcode (3)' }],
  ],
  [
    'an unknown control frame',
    serverFrame(0x8b, ''),
    [{ kind: 'broken', reason: 'an unknown opcode (11)' }],
  ],
  [
    'a continuation of nothing',
    serverFrame(0x80, 'x'),
    [{ kind: 'broken', reason: 'a continuation of nothing' }],
  ],
  [
    'a message within a message',
    Buffer.concat([serverFrame(0x01, 'x'), text('y')]),
    [{ kind: 'broken', reason: 'a message within a message' }],
  ],
  [
    'a ping in parts',
    serverFrame(0x09, 'x'),
    [{ kind: 'broken', reason: 'a control frame in parts, or of more than 125 bytes' }],
  ],
  [
    'a ping of 126 bytes',
    serverFrame(0x89, 'x'.repeat(126)),
    [{ kind: 'broken', reason: 'a control frame in parts, or of more than 125 bytes' }],
  ],
  ['half a close code', serverFrame(0x88, 'x'), [{ kind: 'broken', reason: 'half a close code' }]],
  [
    'text that is not UTF-8',
    serverFrame(0x81, Buffer.from([0xff])),
    [{ kind: 'broken', reason: 'text that is not UTF-8' }],
  ],
  [
    'an announcement of more than is taken',
    Buffer.concat([Buffer.from([0x81, 127]), Buffer.alloc(3), Buffer.alloc(5, 0xff)]),
    [{ kind: 'full' }],
  ],
];

describe('a frame reader takes', () => {
  for (const [what, bytes, frames] of cases) {
    test(`${what}, whole and byte by byte`, () => {
      assert.deepEqual(read(bytes), frames);
      assert.deepEqual(read(bytes, 1), frames);
    });
  }

  test('a whole message in any pieces', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), sizes, (message, pieces) => {
        const bytes = Buffer.concat([text(message), serverFrame(0x89, 'p'), text('end')]);
        const kinds = read(bytes, ...pieces).map((frame) => ('text' in frame ? frame.text : ''));
        assert.deepEqual(kinds, [message, '', 'end']);
      }),
    );
  });

  test('any bytes without a throw, and nothing after its end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const reader = new FrameReader();
        const last = reader.read(Buffer.from(bytes)).at(-1)?.kind;
        if (last !== 'close' && last !== 'broken' && last !== 'full') return;
        assert.deepEqual(reader.read(text('more')), []);
      }),
    );
  });

  test('no more than its cap, in many small frames as in one large', () => {
    const flood = Buffer.concat(Array.from({ length: MAX_RECEIVED_BYTES }, () => text('a')));
    const frames = read(flood, 1_000);
    assert.equal(frames.at(-1)?.kind, 'full');
    assert.equal(frames.length, Math.floor(MAX_RECEIVED_BYTES / 3) + 1);
    const endless = Buffer.concat([serverFrame(0x01, ''), Buffer.alloc(MAX_RECEIVED_BYTES, 0)]);
    assert.deepEqual(read(endless, 999), [{ kind: 'full' }]);
  });

  test('up to another cap, where it has one', () => {
    const long = 'a'.repeat(2 * MAX_RECEIVED_BYTES);
    const bytes = serverFrame(0x81, long);
    assert.deepEqual(new FrameReader().read(bytes), [{ kind: 'full' }]);
    const frames = new FrameReader(3 * MAX_RECEIVED_BYTES).read(bytes);
    assert.deepEqual(frames, [{ kind: 'text', text: long }]);
  });
});

test('a frame that we send is masked, and says the same', () => {
  for (const length of [0, 1, 125, 126, 16_384]) {
    const payload = Buffer.from('ab'.repeat(length)).subarray(0, length);
    const frame = encodeFrame('text', payload);
    assert.equal(frame[0], 0x81);
    assert.equal((frame[1] ?? 0) & 0x80, 0x80);
    const mask = frame.subarray(frame.length - length - 4, frame.length - length);
    const masked = frame.subarray(frame.length - length);
    assert.deepEqual(Buffer.from(masked.map((byte, at) => byte ^ (mask[at % 4] ?? 0))), payload);
  }
});
