import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { balance, startSide, type Side } from '../support/balanced.ts';
import { freePorts } from '../support/free-ports.ts';
import { Load } from '../support/load.ts';
import { until } from '../support/until.ts';

describe("Debian's HAProxy over two PM2s, one with an app of two instances", () => {
  const sides: Side[] = [];
  let balancer: ChildProcess;
  let ports = 0;

  before(async () => {
    const base = await freePorts(7);
    ports = base + 4;
    const cluster = { exec_mode: 'cluster', instances: 2 };
    // A late answer of a busy machine is not what this is about.
    const patient = { timeout: '5s', drain: '5s' };
    sides.push(await startSide({ port: base, http: base + 1 }, cluster, patient));
    sides.push(await startSide({ port: base + 2, http: base + 3 }, {}, patient));
    balancer = await balance(sides, ports);
  });

  after(async () => {
    balancer.kill('SIGKILL');
    for (const { sandbox } of sides) await sandbox.destroy();
  });

  // PM2's own reload loses none either: this shows that ours, with its drain, adds no loss.
  test('a reload for its memory, after its drain, loses no request', async (t) => {
    const [first] = sides;
    assert.ok(first);
    const { sandbox, path } = first;
    const pidsOf = async (): Promise<number[]> =>
      (await sandbox.list()).filter(({ name }) => name === 'web').map(({ pid }) => pid);
    const pids = await pidsOf();
    assert.equal(pids.length, 2);
    const load = new Load(ports + 2);
    writeFileSync(`${path}.leak`, '');
    await until(
      'every instance is another',
      async () => (await pidsOf()).every((pid) => pid > 0 && !pids.includes(pid)),
      { withinMs: 180_000 },
    );
    await sandbox.reaches('web', 'healthy', 60_000);
    await sleep(2_000);
    const { all, failed, reasons } = await load.stop();
    t.diagnostic(`of ${all} requests failed: ${failed}`);
    const lines = (await sandbox.linesAbout('web')).join('\n');
    assert.match(lines, /in 5s \(drain\)/);
    assert.match(lines, /reloaded/);
    assert.ok(all > 250, `${all} requests in all`);
    assert.equal(failed, 0, reasons.join());
  });
});
