import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { outcomeOfError } from '../../../src/probe/net/connect-error.ts';
import type { Stage } from '../../../src/probe/net/connect-error.ts';
import { verdictOf } from '../support/ask.ts';

const coded = (code: string, message = code): Error => Object.assign(new Error(message), { code });

const TABLE: readonly (readonly [Stage, string, string])[] = [
  ['connect', 'ECONNREFUSED', 'fail refused'],
  ['connect', 'ECONNRESET', 'fail reset'],
  ['connect', 'ETIMEDOUT', 'fail timeout'],
  ['connect', 'EMFILE', 'unknown resources'],
  ['connect', 'ENFILE', 'unknown resources'],
  ['connect', 'ENOMEM', 'unknown resources'],
  ['connect', 'ENOBUFS', 'unknown resources'],
  ['connect', 'EADDRNOTAVAIL', 'unknown resources'],
  ['connect', 'EAGAIN', 'unknown resources'],
  ['connect', 'ENETUNREACH', 'unknown network'],
  ['connect', 'EHOSTUNREACH', 'unknown network'],
  ['connect', 'EACCES', 'unknown network'],
  ['connect', 'EPERM', 'unknown network'],
  ['connect', 'EWHATEVER', 'unknown network'],
  ['resolve', 'ENOTFOUND', 'unknown dns'],
  ['resolve', 'EAI_AGAIN', 'unknown dns'],
  ['tls', 'ECONNRESET', 'fail reset'],
  ['tls', 'CERT_HAS_EXPIRED', 'fail misconfig'],
  ['tls', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'fail misconfig'],
  ['tls', 'ERR_SSL_UNSUPPORTED_PROTOCOL', 'fail misconfig'],
  ['firstByte', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'fail misconfig'],
  ['firstByte', 'ECONNRESET', 'fail reset'],
  ['firstByte', 'EPIPE', 'fail reset'],
  ['firstByte', 'ECONNABORTED', 'fail reset'],
  ['firstByte', 'ETIMEDOUT', 'fail timeout'],
  ['firstByte', 'HPE_INVALID_CONSTANT', 'fail misconfig'],
  ['transfer', 'HPE_INVALID_CONSTANT', 'fail reset'],
  ['firstByte', 'HPE_HEADER_OVERFLOW', 'fail misconfig'],
  ['firstByte', 'HPE_CR_EXPECTED', 'fail misconfig'],
  ['firstByte', 'HPE_INVALID_HEADER_TOKEN', 'fail misconfig'],
  ['transfer', 'HPE_LF_EXPECTED', 'fail misconfig'],
  ['transfer', 'HPE_INVALID_CHUNK_SIZE', 'fail reset'],
  ['transfer', 'HPE_HEADER_OVERFLOW', 'fail misconfig'],
  ['transfer', 'HPE_CHUNK_EXTENSIONS_OVERFLOW', 'fail misconfig'],
  ['transfer', 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'fail reset'],
];

for (const [stage, code, verdict] of TABLE) {
  test(`${code} in stage ${stage} is ${verdict}`, () => {
    assert.equal(verdictOf(outcomeOfError(coded(code), stage, '127.0.0.1:1')), verdict);
  });
}

test('any thrown value is classified', () => {
  const timings = fc.constantFrom<Stage>('resolve', 'connect', 'tls', 'firstByte', 'transfer');
  fc.assert(
    fc.property(fc.anything(), timings, (thrown, stage) => {
      let text = '';
      try {
        text = String(thrown);
      } catch {
        return; // Node never throws an object that cannot be printed
      }
      assert.notEqual(verdictOf(outcomeOfError(thrown, stage, text)), 'ok');
    }),
  );
});
