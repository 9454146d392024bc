import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CertificateWatch } from '../../../src/monitor/worker/certificate-watch.ts';

const DAY_MS = 86_400_000;
const END = 1_000 * DAY_MS;

/** At how many days before the end something is reported, where one is asked each half day. */
function reports(from: number, to: number, kept: string | null = null): number[] {
  let wall = 0;
  const watch = new CertificateWatch(() => wall, kept);
  const told: number[] = [];
  for (let days = from; days >= to; days -= 0.5) {
    wall = END - days * DAY_MS;
    if (watch.note({ notAfter: END, readAt: 0 })) told.push(days);
  }
  return told;
}

describe('a certificate', () => {
  test('is reported 14, 7 and 1 days before its end, and at its end, once each', () => {
    assert.deepEqual(reports(30, -30), [14, 7, 1, 0]);
  });

  test('is reported once where it is first seen late', () => {
    assert.deepEqual(reports(5, 3), [5]);
    assert.deepEqual(reports(-3, -5), [-3]);
  });

  test('is not reported again by the next monitor', () => {
    assert.deepEqual(reports(6, -1, `${END} 7`), [1, 0]);
    assert.deepEqual(reports(6, 5, `${END - DAY_MS} 7`), [6]);
    for (const nonsense of ['', 'x', `${END} 3`, '1e400 7']) {
      assert.deepEqual(reports(6, 5, nonsense), [6], nonsense);
    }
  });

  test('that was replaced is news, and is forgotten', () => {
    const watch = new CertificateWatch(() => END - 3 * DAY_MS, null);
    assert.equal(watch.note({ notAfter: END, readAt: 0 }), true);
    assert.deepEqual(watch.expiring, { notAfter: END, leftMs: 3 * DAY_MS });
    assert.equal(watch.reported, `${END} 7`);
    assert.equal(watch.note({ notAfter: null, readAt: 0 }), false);
    assert.equal(watch.note({ notAfter: END + 90 * DAY_MS, readAt: 0 }), true);
    assert.deepEqual([watch.expiring, watch.reported], [null, null]);
    assert.equal(watch.note({ notAfter: END + 90 * DAY_MS, readAt: 0 }), false);
  });

  test('of a target without TLS is none', () => {
    const watch = new CertificateWatch(() => 0, null);
    assert.equal(watch.note(undefined), false);
    assert.equal(watch.expiring, null);
  });

  test('that was kept is shown before the first handshake', () => {
    const watch = new CertificateWatch(() => END - DAY_MS, null);
    watch.restore(`${END} 1`);
    assert.deepEqual(watch.expiring, { notAfter: END, leftMs: DAY_MS });
    assert.equal(watch.note({ notAfter: END, readAt: 0 }), false);
  });
});
