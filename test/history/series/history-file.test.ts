import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Buckets } from '../../../src/history/series/buckets.ts';
import {
  decodeHistory,
  encodeHistory,
  historyFileName,
  isHistoryFileName,
} from '../../../src/history/series/history-file.ts';
import { encodeRecord } from '../../../src/history/series/minute-record.ts';
import type { MinuteRecord } from '../../../src/history/series/minute-record.ts';

const MINUTE = Math.floor(Date.parse('2026-11-20T10:00:00Z') / 60_000);
const WEB = { name: 'web', instance: 2 };

function record(n: number): MinuteRecord {
  const times = [[3 + n, 2] as const, [95, 1] as const];
  return { minute: MINUTE + n, upMs: 50_000, downMs: -7, checks: 4, times };
}

/** A file with one minute in its buckets and this many behind them. */
function fileWith(records: number): Buffer {
  const buckets = new Buckets();
  buckets.add(record(0));
  const tail = Array.from({ length: records }, (_, n) => encodeRecord(record(n + 1)));
  return Buffer.concat([encodeHistory(WEB, buckets, (MINUTE + 1) * 60_000), ...tail]);
}

/** The buckets after this many minutes. */
function bytesAfter(records: number): Uint8Array {
  const buckets = new Buckets();
  for (let n = 0; n <= records; n += 1) buckets.add(record(n));
  return buckets.bytes;
}

describe('a history file', () => {
  test('gives back what was written, with the minutes at its end', () => {
    const file = decodeHistory(fileWith(5));
    assert.ok(typeof file !== 'string');
    const { name, instance, filledTo, isWhole } = file;
    assert.deepEqual({ name, instance, isWhole }, { ...WEB, isWhole: true });
    assert.equal(filledTo, (MINUTE + 6) * 60_000);
    assert.deepEqual(file.buckets.bytes, bytesAfter(5));
  });

  test('loses only the minutes that a power cut tore off, at any byte', () => {
    const whole = fileWith(3);
    const head = fileWith(0).length;
    const each = (whole.length - head) / 3;
    for (let length = head; length < whole.length; length += 1) {
      const file = decodeHistory(whole.subarray(0, length));
      assert.ok(typeof file !== 'string', `${length} bytes`);
      const left = Math.floor((length - head) / each);
      assert.deepEqual(file.buckets.bytes, bytesAfter(left));
      assert.equal(file.isWhole, (length - head) % each === 0);
    }
  });

  test('loses what is behind a minute with a wrong bit', () => {
    const file = fileWith(3);
    const at = fileWith(1).length + 9;
    file[at] = (file[at] ?? 0) ^ 4;
    const read = decodeHistory(file);
    assert.ok(typeof read !== 'string' && !read.isWhole);
    assert.deepEqual(read.buckets.bytes, bytesAfter(1));
  });

  test('is refused where it is cut, damaged, foreign, or of a newer version', () => {
    const file = fileWith(2);
    const damaged = Buffer.from(file);
    damaged[4_000] = (damaged[4_000] ?? 0) ^ 1;
    const newer = Buffer.from(
      file.toString('latin1').replace('"schemaVersion":1', '"schemaVersion":2'),
      'latin1',
    );
    assert.equal(decodeHistory(damaged), 'is damaged');
    assert.equal(decodeHistory(file.subarray(0, 4_000)), 'is damaged');
    const refusal = decodeHistory(newer);
    assert.ok(typeof refusal === 'string');
    assert.match(refusal, /has version 2, and this program reads version 1/);
    for (const foreign of ['', '\n', '{}\n', 'hello', '[1]\n', 'null\n', '{"schemaVersion":1}\n']) {
      assert.equal(decodeHistory(Buffer.from(foreign)), 'is no history of an app', foreign);
    }
    assert.equal(decodeHistory(Buffer.alloc(1_000_000)), 'is no history of an app');
  });

  test('has a name that is safe and its own for any app', () => {
    const names = [
      'web',
      'Web',
      'a/b',
      '../x',
      'con',
      '\0',
      '\u00e9',
      'e\u0301',
      'x'.repeat(10_000),
    ];
    const files = names.flatMap((name) =>
      [0, 1].map((instance) => historyFileName({ name, instance })),
    );
    assert.equal(new Set(files).size, files.length);
    for (const file of files) {
      assert.match(file, /^[0-9a-f]{16}-\d+\.history$/);
      assert.ok(isHistoryFileName(file));
    }
    for (const file of ['state.json', '../x.history', 'web-0.history', `${files[0]}x`]) {
      assert.ok(!isHistoryFileName(file));
    }
  });

  test('goes with a very long name', () => {
    const name = 'ä'.repeat(4_000);
    const file = decodeHistory(encodeHistory({ name, instance: 0 }, new Buckets(), 0));
    assert.equal(typeof file === 'string' ? file : file.name, name);
  });
});
