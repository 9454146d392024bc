import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { test, type TestContext } from 'node:test';
import type { ProbeOptions } from '../../../src/probe/probe.ts';
import { createProbe } from '../../../src/probe/registry.ts';
import { runProbe } from '../../../src/probe/runner.ts';
import { http } from '../support/ask.ts';
import { makeCertificate } from '../support/make-certificate.ts';
import { httpServer, listen } from '../support/servers.ts';

const DAY_MS = 86_400_000;
/** Certificates have whole seconds. */
const NOW = Math.floor(Date.now() / 1_000) * 1_000;

/** What a probe knows of the certificate of a server after one run, and the sample. */
async function seenBy(options: ProbeOptions) {
  const probe = createProbe(options);
  const sample = await runProbe(probe, { now: () => performance.now(), timeoutMs: 5_000 });
  probe.stop();
  return { sample, certificate: probe.certificate };
}

async function secureServer(t: TestContext, notAfter: number) {
  const made = makeCertificate(Date.UTC(2025, 0, 1), notAfter);
  const server = createServer(made, (_, response) => {
    response.statusCode = 204;
    response.end();
  });
  return { ...made, ...(await listen(t, server)) };
}

for (const type of ['http', 'vite', 'websocket'] as const) {
  test(`the ${type} probe reads when the certificate expires`, async (t) => {
    const notAfter = NOW + 10 * DAY_MS;
    const { port, cert: ca } = await secureServer(t, notAfter);
    const url = `${type === 'websocket' ? 'wss' : 'https'}://localhost:${port}/`;
    const { certificate } = await seenBy(
      type === 'http'
        ? http(url, { tls: { ca } })
        : type === 'vite'
          ? { type, url, deepPeriodMs: 60_000, deepTimeoutMs: 10_000, tls: { ca } }
          : { type, url, headers: {}, tls: { ca } },
    );
    assert.equal(certificate?.notAfter, notAfter);
  });
}

test('also of a certificate that is not verified, is refused, or has expired', async (t) => {
  for (const notAfter of [NOW + DAY_MS, NOW - DAY_MS]) {
    const { port, cert: ca } = await secureServer(t, notAfter);
    for (const tls of [{ rejectUnauthorized: false }, {}, { ca }]) {
      const { certificate } = await seenBy(http(`https://localhost:${port}/`, { tls }));
      assert.equal(certificate?.notAfter, notAfter, JSON.stringify(tls));
    }
  }
});

test('the certificate is verified as before', async (t) => {
  const { port, cert: ca } = await secureServer(t, NOW + 10 * DAY_MS);
  const { sample } = await seenBy(http(`https://localhost:${port}/`, { tls: { ca } }));
  assert.deepEqual([sample.kind, sample.detail], ['ok', 'answered 204']);
  const other = { ca, servername: 'other.example' };
  const { sample: refused } = await seenBy(http(`https://localhost:${port}/`, { tls: other }));
  assert.match(refused.detail, /for another name/);
});

test('nothing before a handshake, and nothing without TLS', async (t) => {
  const plain = await httpServer(t, (_, response) => response.end());
  const { certificate } = await seenBy(http(`http://localhost:${plain.port}/`));
  assert.equal(certificate, undefined);
  const broken = await seenBy(http(`https://localhost:${plain.port}/`));
  assert.equal(broken.certificate?.notAfter, null);
});

test('one that has expired is a misconfiguration, with its date and what to do', async (t) => {
  const notAfter = Date.UTC(2026, 0, 31, 12);
  for (const scheme of ['https', 'wss'] as const) {
    const { port, cert: ca } = await secureServer(t, notAfter);
    const url = `${scheme}://localhost:${port}/`;
    const { sample } = await seenBy(
      scheme === 'https'
        ? http(url, { tls: { ca } })
        : { type: 'websocket', url, headers: {}, tls: { ca } },
    );
    assert.equal(sample.kind === 'fail' && sample.class, 'misconfig');
    assert.equal(
      sample.detail,
      'TLS: the certificate expired on 2026-01-31: renew it, and restart the app if it does not read the new one by itself',
    );
  }
});
