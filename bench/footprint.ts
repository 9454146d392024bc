// What the monitor costs at rest with one app and default settings: memory and CPU over a minute.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pm2Sandbox } from '../test/support/pm2-sandbox.ts';
import { ViteApp } from '../test/support/vite-app.ts';
import { row } from './table.ts';

const REST_MS = 20_000;
const OVER_MS = 60_000;
/** Linux counts CPU time in hundredths of a second. */
const TICK_MS = 10;

/** CPU milliseconds used so far by a process, of user and system. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function rssMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1_024;
}

const [sandbox, app] = await Promise.all([Pm2Sandbox.create(), ViteApp.create()]);
try {
  await sandbox.start(app.entry('web', {}));
  await sandbox.startMonitor();
  await sandbox.reaches('web', 'healthy');
  const { pid } = await sandbox.app('pm2-liveness');
  await sleep(REST_MS);
  const [began, beganAt] = [cpuMs(pid), performance.now()];
  await sleep(OVER_MS);
  const percent = ((cpuMs(pid) - began) / (performance.now() - beganAt)) * 100;
  console.log(row('the monitor at rest', 'value'));
  console.log(row('RSS, MB', rssMb(pid).toFixed(1)));
  console.log(row('CPU, % of one core', percent.toFixed(2)));
} finally {
  await sandbox.destroy();
  await app.destroy();
}
