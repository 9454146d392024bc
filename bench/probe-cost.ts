// The cost of a probe in the whole monitor, compared with a bare loop that asks the same at the same time.
import { execFile } from 'node:child_process';
import { Pm2Sandbox } from '../test/support/pm2-sandbox.ts';
import { ViteApp } from '../test/support/vite-app.ts';
import { number, ratio, type Findings, type Part } from './part.ts';
import { median } from './statistics.ts';
import { begin, type Asked, type Measured, type Subject } from './subject/measure.ts';
import { startServers } from './subject/start-servers.ts';

/** A probe, and how often it runs in all. */
interface Case {
  readonly name: string;
  readonly bare: string;
  readonly asked: readonly Asked[];
  readonly periodMs: number;
  readonly serverPid: number;
}

/**
 * How long to run before it is measured. A target with a deep check makes its first one right after its start; with
 * a warm-up that is too short all of them fall into the time that is measured.
 */
const WARM_MS = 2_000;
const WARM_DEEP_MS = 12_000;

/** Both at once, so that other load of the machine affects both. */
async function pair(each: Case, measureMs: number): Promise<Record<'monitor' | 'bare', Measured>> {
  const subject: Omit<Subject, 'mode'> = {
    ...each,
    warmMs: each.name === 'vite' ? WARM_DEEP_MS : WARM_MS,
    measureMs,
  };
  const monitor = begin({ ...subject, mode: 'monitor' });
  await monitor.ready;
  const bare = begin({ ...subject, mode: 'bare' });
  const [ofMonitor, ofBare] = await Promise.all([monitor.measured, bare.measured]);
  return { monitor: ofMonitor, bare: ofBare };
}

const perProbe = ({ cpuUs, probes }: Measured): number => cpuUs / probes;

async function measureCases(cases: readonly Case[], isQuick: boolean): Promise<Findings> {
  const found: {
    name: string;
    bare: string;
    monitorUs: number;
    bareUs: number;
    ratios: number[];
  }[] = [];
  for (const each of cases) {
    const pairs: Awaited<ReturnType<typeof pair>>[] = [];
    for (let round = 0; round < (isQuick ? 1 : 3); round += 1) {
      pairs.push(await pair(each, isQuick ? 3_000 : 4_000));
    }
    found.push({
      name: each.name,
      bare: each.bare,
      monitorUs: median(pairs.map(({ monitor }) => perProbe(monitor))),
      bareUs: median(pairs.map(({ bare }) => perProbe(bare))),
      ratios: pairs.map(({ monitor, bare }) => perProbe(monitor) / perProbe(bare)),
    });
  }
  return {
    tables: [
      {
        head: ['probe', 'beside', 'the monitor, CPU µs', 'bare, CPU µs', 'ratio', 'of all rounds'],
        rows: found.map(({ name, bare, monitorUs, bareUs, ratios }) => [
          name,
          bare,
          number(monitorUs),
          number(bareUs),
          ratio(median(ratios)),
          ratios.map((each) => each.toFixed(2)).join(' '),
        ]),
      },
    ],
    goals: found.map(({ name, ratios }) => ({
      what: `CPU of a ${name} probe ÷ a bare one`,
      figure: median(ratios),
      limit: 1.3,
    })),
    figures: found,
  };
}

/** The path of `true`. */
export function program(name: string): Promise<string> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', `command -v ${name}`], (_error, out) => resolve(out.trim() || name));
  });
}

/** A real Vite, under a real PM2. */
async function withVite<T>(use: (app: ViteApp, pid: number) => Promise<T>): Promise<T> {
  const [sandbox, app] = await Promise.all([Pm2Sandbox.create(), ViteApp.create()]);
  try {
    await sandbox.start(app.entry('web'));
    return await use(app, (await sandbox.app('web')).pid);
  } finally {
    await sandbox.destroy();
    await app.destroy();
  }
}

export const probeCost: Part = {
  name: 'probe-cost',
  async run(isQuick) {
    const servers = await startServers(100);
    const [serverPid, file] = [servers.pid, await program('true')];
    try {
      return await withVite((app, vitePid) => {
        // Without the deep check: it is one in a dozen probes, and a bare loop has none.
        const vite = { url: app.url, deepPeriod: '1h' };
        const asked = {
          http: servers.ports.map((port) => ({ http: `http://127.0.0.1:${port}/` })),
          tcp: servers.ports.map((port) => ({ tcp: `127.0.0.1:${port}` })),
          vite: Array.from({ length: 20 }, () => ({ vite })),
          exec: Array.from({ length: 5 }, () => ({ exec: [file] })),
        };
        return measureCases(
          [
            { name: 'http', bare: '`http.get`', asked: asked.http, periodMs: 200, serverPid },
            { name: 'tcp', bare: '`net.connect`', asked: asked.tcp, periodMs: 200, serverPid },
            {
              name: 'vite',
              bare: '`http.get` of its ping',
              asked: asked.vite,
              periodMs: 100,
              serverPid: vitePid,
            },
            { name: 'exec', bare: '`spawn`', asked: asked.exec, periodMs: 200, serverPid },
          ],
          isQuick,
        );
      });
    } finally {
      servers.stop();
    }
  },
};
