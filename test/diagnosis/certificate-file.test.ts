import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { readBlock } from '../../src/config/target-config.ts';
import { CertificateFile, certFileTrouble } from '../../src/diagnosis/certificate-file.ts';
import { BoundedFiles } from '../../src/os/bounded-files.ts';
import { createProbe } from '../../src/probe/registry.ts';
import { runProbe } from '../../src/probe/runner.ts';
import { observationOf } from '../../src/target/observation.ts';
import { systemClock as clock } from '../../src/time/clock.ts';
import { isRestartable } from '../../src/verdict/streak.ts';
import { makeCertificate } from '../probe/support/make-certificate.ts';
import { listen } from '../probe/support/servers.ts';
import { managed } from '../support/fake-pm2.ts';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const old = makeCertificate(NOW - 90 * DAY_MS, Date.UTC(2026, 0, 31));
const renewed = makeCertificate(NOW - DAY_MS, NOW + 89 * DAY_MS);

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pl-cert-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** An app that serves `old`, as often as it is asked; `pid` is its incarnation. */
async function serverOf(t: TestContext, certFile: string, more: object = {}) {
  const server = createServer({ cert: old.cert, key: old.key }, (_, response) => response.end());
  const { port } = await listen(t, server);
  const probe = { url: `https://localhost:${port}/`, ca: old.cert, certFile, ...more };
  const read = readBlock({ http: probe }, { pm_cwd: folder });
  assert.ok(read.ok);
  const { config } = read;
  const probing = createProbe(config.probe);
  const file = new CertificateFile({ files: new BoundedFiles(clock), clock });
  return async (pid = 100) => {
    const sample = await runProbe(probing, { now: () => performance.now(), timeoutMs: 5_000 });
    assert.ok(sample.kind === 'fail', sample.detail);
    const app = observationOf(managed({ pid }), clock);
    return file.judge(app, config, sample, probing.certificate);
  };
}

describe('an expired certificate whose file', () => {
  test('has a newer one is worth a restart, by a relative path too', async (t) => {
    await writeFile(join(folder, 'new.pem'), renewed.cert + old.cert);
    const ask = await serverOf(t, './new.pem');
    const found = await ask();
    assert.equal(found.class, 'certificate');
    assert.ok(isRestartable(found));
    assert.match(
      found.detail,
      /^TLS: the certificate expired on 2026-01-31; `certFile` \S+new\.pem has a newer one, valid until \d{4}-\d\d-\d\d, which a restart makes the app read$/,
    );
    assert.equal((await ask()).class, 'certificate');
  });

  test('has a newer one that a restart did not bring is not worth another', async (t) => {
    await writeFile(join(folder, 'unread.pem'), renewed.cert);
    const ask = await serverOf(t, join(folder, 'unread.pem'));
    assert.equal((await ask(100)).class, 'certificate');
    const next = await ask(101);
    assert.equal(next.class, 'misconfig');
    assert.match(next.detail, /it was restarted since `certFile` .* does not serve that/);
    await writeFile(join(folder, 'unread.pem'), makeCertificate(NOW, NOW + DAY_MS * 30).cert);
    assert.equal((await ask(101)).class, 'certificate', 'renewed once more');
  });

  const useless: readonly (readonly [string, string | null, RegExp])[] = [
    ['the same one', old.cert, /has the same one: renew it/],
    [
      'another one that has expired',
      makeCertificate(NOW - 9 * DAY_MS, Date.UTC(2026, 1, 1)).cert,
      /has expired too \(2026-02-01\): renew it/,
    ],
    [
      'one that is not valid yet',
      makeCertificate(NOW + 9 * DAY_MS, NOW + 20 * DAY_MS).cert,
      /is valid only from \d{4}-/,
    ],
    ['no certificate', 'hello', /has no certificate in PEM form/],
    ['nothing in it', '', /has no certificate in PEM form/],
    ['a broken certificate', renewed.cert.replace(/\n.{20}/, '\n'), /no certificate in PEM form/],
    ['too much in it', renewed.cert.padEnd(65_537, ' '), /has more than 64 KiB/],
    ['gone', null, /is missing: correct its path/],
  ];
  for (const [name, text, said] of useless) {
    test(`has ${name} cannot be fixed by a restart`, async (t) => {
      const path = join(folder, `${name.replaceAll(' ', '-')}.pem`);
      if (text !== null) await writeFile(path, text);
      const found = await (await serverOf(t, path))();
      assert.equal(found.class, 'misconfig');
      assert.match(found.detail, /^TLS: the certificate expired on 2026-01-31; /);
      assert.match(found.detail, said);
    });
  }

  test('is a folder, or is for another name, is named', async (t) => {
    await mkdir(join(folder, 'live'));
    assert.match((await (await serverOf(t, 'live'))()).detail, /is a folder: name the file in it/);
    await writeFile(join(folder, 'other.pem'), renewed.cert);
    const other = { servername: 'www.example' };
    const found = await (await serverOf(t, 'other.pem', other))();
    assert.equal(found.class, 'misconfig');
    assert.match(found.detail, /is for another name than www\.example/);
  });

  test('is not set means what it did', async (t) => {
    const server = createServer({ cert: old.cert, key: old.key });
    const { port } = await listen(t, server);
    const read = readBlock({ http: { url: `https://localhost:${port}/`, ca: old.cert } }, {});
    assert.ok(read.ok);
    const probing = createProbe(read.config.probe);
    const sample = await runProbe(probing, { now: () => performance.now(), timeoutMs: 5_000 });
    assert.ok(sample.kind === 'fail');
    const file = new CertificateFile({ files: new BoundedFiles(clock), clock });
    const app = observationOf(managed({ pid: 1 }), clock);
    assert.equal(await file.judge(app, read.config, sample, probing.certificate), sample);
    assert.match(sample.detail, /renew it, and restart the app if it does not read the new one/);
  });
});

describe('the certFile of a block', () => {
  const troubleOf = async (http: object): Promise<string | null> => {
    const read = readBlock({ http: { url: 'https://localhost:1/', ...http } }, { pm_cwd: folder });
    assert.ok(read.ok);
    const trouble = await certFileTrouble(read.config, new BoundedFiles(clock));
    return trouble && `${trouble.reason.replace(folder, '')}: ${trouble.fix}`;
  };

  test('is checked before the certificate has expired', async () => {
    await writeFile(join(folder, 'good.pem'), renewed.key + renewed.cert);
    await writeFile(join(folder, 'key.pem'), renewed.key);
    await mkdir(join(folder, 'certs'), { recursive: true });
    assert.equal(await troubleOf({}), null);
    assert.equal(await troubleOf({ certFile: 'good.pem' }), null);
    assert.equal(
      await troubleOf({ certFile: 'goood.pem' }),
      '`certFile` /goood.pem is missing: correct its path',
    );
    assert.equal(
      await troubleOf({ certFile: 'certs' }),
      '`certFile` /certs is a folder: name the file in it',
    );
    assert.equal(
      await troubleOf({ certFile: 'key.pem' }),
      '`certFile` /key.pem has no certificate in PEM form: name the file that the app reads',
    );
  });
});
