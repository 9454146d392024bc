import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { balance, startSide, type Side } from '../support/balanced.ts';
import { freePorts } from '../support/free-ports.ts';
import { Load } from '../support/load.ts';
import { until } from '../support/until.ts';

describe("Debian's HAProxy over two PM2s", () => {
  const sides: Side[] = [];
  let balancer: ChildProcess;
  let ports = 0;

  before(async () => {
    const base = await freePorts(7);
    ports = base + 4;
    for (const [port, http] of [
      [base, base + 1],
      [base + 2, base + 3],
    ] as const) {
      sides.push(await startSide({ port, http }));
    }
    balancer = await balance(sides, ports);
  });

  after(async () => {
    balancer.kill('SIGKILL');
    for (const { sandbox } of sides) await sandbox.destroy();
  });

  test('a hang costs few requests where it asks /health/<app>', async (t) => {
    const [first] = sides;
    assert.ok(first);
    const loads = [ports, ports + 1, ports + 2].map((port) => new Load(port));
    await sleep(1_000);
    writeFileSync(`${first.path}.hang`, '');
    await first.sandbox.reaches('web', 'restarting').catch(() => undefined);
    rmSync(`${first.path}.hang`);
    await first.sandbox.reaches('web', 'healthy', 60_000);
    await sleep(2_000);
    const [none, own, ours] = await Promise.all(loads.map((load) => load.stop()));
    assert.ok(none && own && ours);
    t.diagnostic(`of ${none.all} requests each failed: ${none.failed} without a check`);
    t.diagnostic(`${own.failed} with HAProxy's own check, ${ours.failed} with /health/web`);
    assert.ok(ours.failed < none.failed, 'the answer of the monitor takes the app out');
  });

  test('a restart for its memory loses no request, because of drain', async (t) => {
    const [first] = sides;
    assert.ok(first);
    const { restarts } = await first.sandbox.target('web');
    const load = new Load(ports + 2);
    writeFileSync(`${first.path}.leak`, '');
    await until(
      'it is restarted',
      async () => (await first.sandbox.target('web')).restarts.total > restarts.total,
      { withinMs: 180_000 },
    );
    await first.sandbox.reaches('web', 'healthy', 60_000);
    await sleep(2_000);
    const { all, failed, reasons } = await load.stop();
    t.diagnostic(`of ${all} requests failed: ${failed}`);
    assert.match(await first.sandbox.output('pm2-liveness'), /in 3s \(drain\)/);
    assert.equal(failed, 0, reasons.join());
  });
});
