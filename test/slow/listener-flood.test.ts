import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePorts } from '../support/free-ports.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const CLIENTS = 10_000;
/** So many connect at once; the system's queue has room for a few hundred. */
const WAVE = 250;

describe(
  'a flood of slow clients at a real monitor',
  { skip: process.platform !== 'linux' },
  () => {
    let sandbox: Pm2Sandbox;
    let port: number;
    const open = new Set<Socket>();

    before(async () => {
      sandbox = await Pm2Sandbox.create();
      port = await freePorts(2);
      const script = join(sandbox.home, 'web.cjs');
      writeFileSync(
        script,
        `require('node:http').createServer((_, a) => a.end('ok')).listen(${port + 1}, '127.0.0.1');`,
      );
      const env_liveness = {
        http: `http://127.0.0.1:${port + 1}/`,
        period: '1s',
        timeout: '1s',
        failureThreshold: 3,
      };
      await sandbox.start({ name: 'web', script, env_liveness });
      await sandbox.startMonitor({ LIVENESS_HTTP: String(port) });
      await sandbox.reaches('web', 'healthy');
    });

    after(async () => {
      for (const socket of open) socket.destroy();
      await sandbox.destroy();
    });

    /** Half of a request, and nothing more. */
    function slowClient(nth: number): Promise<void> {
      return new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1');
        open.add(socket);
        socket.once('connect', () => {
          socket.write(
            nth % 2 === 0 ? 'GET / HTTP/1.1\r\nx: ' : `GET / HTTP/1.1\r\n${'a'.repeat(4_000)}`,
          );
          resolve();
        });
        socket.on('error', () => resolve());
        socket.on('close', () => {
          open.delete(socket);
          resolve();
        });
      });
    }

    const residentMb = async (): Promise<number> => {
      const { pid } = await sandbox.app('pm2-liveness');
      const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
      return (pages * 4_096) / 1_048_576;
    };

    test('holds up neither the watch nor those who ask properly, and costs no memory', async (t) => {
      const { pid: monitor } = await sandbox.app('pm2-liveness');
      const mbBefore = await residentMb();
      let sent = 0;
      const flood = (async () => {
        while (sent < CLIENTS) {
          await Promise.all(Array.from({ length: WAVE }, (_, nth) => slowClient(sent + nth)));
          sent += WAVE;
        }
      })();
      const { pid } = await sandbox.app('web');
      process.kill(pid, 'SIGSTOP');
      await until('another process', async () => (await sandbox.app('web')).pid !== pid, {
        withinMs: 60_000,
      });
      await sandbox.reaches('web', 'healthy');
      await flood;
      await until('somebody who asks properly is answered', async () => {
        const signal = AbortSignal.timeout(5_000);
        const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal }).catch(() => null);
        return answer?.status === 200;
      });
      const mbAfter = await residentMb();
      t.diagnostic(
        `${Math.round(mbBefore)} MB before, ${Math.round(mbAfter)} MB after ${sent} clients`,
      );
      assert.ok(mbAfter - mbBefore < 80, `${mbBefore} MB, then ${mbAfter} MB`);
      assert.equal((await sandbox.app('pm2-liveness')).pid, monitor);
      assert.ok(sent >= CLIENTS);
    });
  },
);
