import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { notifyFacts } from '../../../src/cli/doctor/notify-facts.ts';
import { sung, plainCanary } from '../../support/canary.ts';
import { freePort } from '../../support/pm2-sandbox.ts';
import { listed } from './facts.ts';

describe('the facts of the channels', { skip: process.platform === 'win32' }, () => {
  let home: string;
  let server: Server;
  let there: number;
  let closed: number;
  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'pl-notify-'));
    chmodSync(home, 0o755);
    server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    there = (server.address() as AddressInfo).port;
    closed = await freePort();
  });
  after(() => {
    server.close();
    rmSync(home, { recursive: true });
  });

  test('say whether a sink is there and which file others can read, without a secret', async () => {
    const secret = plainCanary('path');
    const lines = [
      `http://127.0.0.1:${there}/${secret}?name=up`,
      `http://127.0.0.1:${closed}/${secret}?name=down`,
      `slak:https://hooks.slack.com/${secret}`,
      `exec:/bin/true?name=program`,
    ].join(' ');
    const dump = join(home, 'dump.pm2');
    writeFileSync(dump, JSON.stringify([{ LIVENESS_NOTIFY: lines }]), { mode: 0o644 });
    writeFileSync(join(home, 'module_conf.json'), JSON.stringify({ lines }), { mode: 0o600 });
    const monitor = listed('pm2-liveness', 0, { LIVENESS_NOTIFY: lines });
    const facts = await notifyFacts([monitor], home);
    assert.deepEqual(
      facts?.channels.map(({ name, reason }) => [name, reason]),
      [
        ['up', null],
        ['down', 'no connection (ECONNREFUSED)'],
        ['program', null],
      ],
    );
    assert.equal(facts?.problems.length, 1);
    assert.deepEqual(facts?.exposed, [dump]);
    assert.equal(sung(JSON.stringify(facts)), null);
  });

  test("say whether the dead man's switch is there, also where it is all that is set", async () => {
    const secret = plainCanary('ping');
    const at = (port: number): string => `http://127.0.0.1:${port}/${secret}`;
    const of = (LIVENESS_PING: string): ReturnType<typeof notifyFacts> =>
      notifyFacts([listed('pm2-liveness', 0, { LIVENESS_PING })], home);
    writeFileSync(join(home, 'dump.pm2'), at(there), { mode: 0o644 });
    const good = await of(at(there));
    assert.deepEqual(good?.ping, { shown: `127.0.0.1:${there}`, reason: null });
    assert.deepEqual(good.exposed, [join(home, 'dump.pm2')]);
    const bad = await of(at(closed));
    assert.equal(bad?.ping?.reason, 'no connection (ECONNREFUSED)');
    assert.equal(sung(JSON.stringify([good, bad])), null);
  });

  test('are none where no monitor is in the list, or it has no channel', async () => {
    assert.equal(await notifyFacts([], home), null);
    assert.equal(await notifyFacts([listed('pm2-liveness', 0)], home), null);
  });
});
