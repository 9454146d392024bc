// The cost of reading PM2's list with 500 entries, compared with PM2's own client that reads as often.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pm2Sandbox, type Listed } from '../test/support/pm2-sandbox.ts';
import { number, ratio, type Findings, type Part } from './part.ts';
import { measure, messageOf, type Measured } from './subject/measure.ts';
import { startServers } from './subject/start-servers.ts';

const ENTRIES = 500;
/** How often the monitor reads the list. */
const POLL_MS = 2_000;

/** PM2's own entry of an app with that name, copied under other names and ids. */
async function list(port: number): Promise<Listed[]> {
  const sandbox = await Pm2Sandbox.create();
  try {
    const script = join(sandbox.home, 'idle.cjs');
    await writeFile(script, 'setInterval(() => undefined, 60_000);\n');
    // Probed once at the start, then not while it is measured.
    const env_liveness = { tcp: `127.0.0.1:${port}`, period: '1h', portOwner: 'any' };
    await sandbox.start({ name: 'app', script, env_liveness });
    const app = await sandbox.app('app');
    return Array.from({ length: ENTRIES }, (_, pm_id) => ({
      ...app,
      name: `app-${pm_id}`,
      pm_id,
      pm2_env: { ...app.pm2_env, name: `app-${pm_id}`, pm_id },
    }));
  } finally {
    await sandbox.destroy();
  }
}

/** A daemon with only a list. */
async function startDaemon(home: string, entries: readonly Listed[]): Promise<ChildProcess> {
  const child = fork(new URL('subject/daemon.ts', import.meta.url), [home], {
    execArgv: ['--import', 'tsx'],
  });
  child.send({ entries });
  await messageOf(child, 'isListening');
  return child;
}

function findingsOf(monitor: Measured, bare: Measured, bytes: number): Findings {
  // In the bare loop each question counts as a probe.
  const pollMs = monitor.cpuUs / 1_000 / monitor.polls;
  const barePollMs = bare.cpuUs / 1_000 / bare.probes;
  return {
    tables: [
      {
        head: [
          'PM2 entries',
          'answer, KB',
          'a poll, CPU ms',
          'bare `pm2.list`, CPU ms',
          'ratio',
          '% of a core',
        ],
        rows: [
          [
            number(ENTRIES),
            number(bytes / 1_024),
            number(pollMs),
            number(barePollMs),
            ratio(pollMs / barePollMs),
            number((monitor.cpuUs / 1_000 / monitor.elapsedMs) * 100),
          ],
        ],
      },
    ],
    goals: [],
    figures: { entries: ENTRIES, bytes, pollMs, barePollMs },
  };
}

export const listing: Part = {
  name: 'listing',
  async run(isQuick) {
    const servers = await startServers(1);
    const [port = 0] = servers.ports;
    const home = await mkdtemp(join(tmpdir(), 'plb-'));
    const entries = await list(port);
    const daemon = await startDaemon(home, entries);
    try {
      const subject = {
        serverPid: servers.pid,
        pm2Home: home,
        warmMs: 5_000,
        measureMs: isQuick ? 8_000 : 12_000,
      };
      const asked = entries.map(() => ({ tcp: `127.0.0.1:${port}` }));
      const monitor = await measure({
        mode: 'monitor',
        asked,
        periodMs: 3_600_000,
        ...subject,
        // In its first minute the monitor begins a history of each app, and looks at the files of each.
        warmMs: 70_000,
      });
      const bare = await measure({
        mode: 'bare',
        asked: [{ pm2: 'list' }],
        periodMs: POLL_MS,
        ...subject,
      });
      return findingsOf(monitor, bare, JSON.stringify(entries).length);
    } finally {
      daemon.disconnect();
      servers.stop();
      await rm(home, { recursive: true, force: true });
    }
  },
};
