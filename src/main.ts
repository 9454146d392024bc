import { readFileSync } from 'node:fs';
import { carryOut } from './action/carry-out.ts';
import { loadMonitorConfig, type MonitorConfig } from './config/load.ts';
import { commandsOf, type Controlled, type Controls } from './control/commands.ts';
import { messageOf } from './errors.ts';
import { Guard } from './monitor/guard.ts';
import { Inspector } from './monitor/inspector.ts';
import { Monitor } from './monitor/monitor.ts';
import { SharedSlot } from './monitor/shared-slot.ts';
import type { News } from './monitor/worker-ports.ts';
import type { Worker } from './monitor/worker.ts';
import { createOsReader } from './os/create-reader.ts';
import { Pm2Connection, type Pm2Client } from './pm2/client.ts';
import { createIo } from './pm2/io.ts';
import { createLog, logDecision, logPerformed, type Log } from './report/log.ts';
import { labelOf, Metrics } from './report/metrics.ts';
import { statusDocument, targetStatus, type MonitorFacts } from './report/status.ts';
import type { TargetView } from './report/view.ts';
import { systemClock as clock } from './time/clock.ts';

const CONNECT_AGAIN_MS = 1_000;

/** So many errors that nothing caught within a minute, and a fresh process is the better monitor. */
const MOST_ERRORS = 10;
const ERROR_WINDOW_MS = 60_000;

const config = loadMonitorConfig();
const log = createLog(config.log, clock);
const stopping = new AbortController();
surviveErrors();
await main();

/** Config → wire → run → stop on signal. */
async function main(): Promise<void> {
  const problems = config.problems.map(({ path, message }) => `${path}: ${message}`);
  for (const problem of problems) log.line('error', `ignored setting: ${problem}`);
  const pm2 = new Pm2Connection(config.pm2Home);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
  if (!(await connect(pm2))) return;
  const monitor = wire(pm2, config, problems);
  monitor.start();
  log.line('info', `pm2-liveness ${version()} watches the apps with an env_liveness block`);
  // The listening socket of PM2's client keeps the process alive until a signal comes.
  await new Promise<void>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    if (stopping.signal.aborted) resolve();
  });
  await monitor.stop();
  await pm2.close();
  process.exit(0);
}

/** Connects to the daemon, again and again where PM2 runs us: it is there, or will be. */
async function connect(pm2: Pm2Client): Promise<boolean> {
  let told = '';
  while (!stopping.signal.aborted) {
    try {
      await pm2.connect();
      return true;
    } catch (error) {
      const message = messageOf(error);
      if (message !== told) log.line('error', message);
      told = message;
      if (config.pmId === null) process.exit(1);
      await clock.sleep(CONNECT_AGAIN_MS, stopping.signal);
    }
  }
  return false;
}

/** Puts the parts together: who decides, who acts, who tells. */
function wire(pm2: Pm2Client, settings: MonitorConfig, problems: readonly string[]): Monitor {
  const beganAt = clock.now();
  const guard = new Guard(clock);
  const reader = createOsReader(process.platform, { clock });
  const io = createIo();
  const metrics = new Metrics(io, clock, () => monitor.views());
  const monitor = new Monitor({
    clock,
    guard,
    pm2,
    random: () => Math.random(), // oxlint-disable-line no-restricted-properties -- the one source of it
    slot: new SharedSlot(),
    createInspector: () =>
      new Inspector({
        reader,
        clock,
        pm2Home: settings.pm2Home,
        ownPid: process.pid,
        pm2Pids: () => pm2.pids(),
      }),
    overrides: settings.overrides,
    ownPmId: settings.pmId,
    recall: () => null,
    remember: () => undefined,
    perform: async (order) => {
      const performed = await carryOut(order, { pm2, clock, reader, pm2Home: settings.pm2Home });
      monitor.refreshSoon();
      return performed;
    },
    tell: (view, news) => tell(log, metrics, labelOf(view), view, news),
    tellBug,
    tellMisconfigured: ({ message, isWatched }) =>
      log.line(
        'error',
        `${message}\n  ${isWatched ? 'its last good settings hold' : 'it is not watched'}`,
      ),
  });
  const facts = { version: version(), pid: process.pid, beganAt, problems };
  const commands = commandsOf(controlsOf(monitor, () => ({ ...facts, unfit: guard.check() })));
  for (const [name, command] of Object.entries(commands)) io.action(name, command);
  return monitor;
}

function tell(out: Log, metrics: Metrics, label: string, view: TargetView, news: News): void {
  switch (news.type) {
    case 'sample':
      if (news.sample.kind === 'ok') metrics.measure(news.sample.durationMs);
      return;
    case 'bug':
      return tellBug(news.error);
    case 'performed':
      if (news.performed.result === 'done') metrics.countRestart();
      return logPerformed(out, view, label, news.order, news.performed);
    case 'decision':
      if (news.decision.type === 'incidentOpened') metrics.countIncident();
      if (news.decision.type === 'transition') metrics.register();
      return logDecision(out, view, label, news.decision);
  }
}

/** The monitor, as the commands see it. */
function controlsOf(monitor: Monitor, facts: () => MonitorFacts): Controls {
  return {
    status: () => statusDocument(facts(), monitor.views(), monitor.misconfigured(), clock),
    find: (name) => monitor.workersOf(name).map(controlled),
    names: () => [...new Set(monitor.views().map(({ name }) => name))],
  };
}

/** A worker, as the commands see it. */
function controlled(worker: Worker): Controlled {
  return {
    probeOnce: () => worker.probeOnce(),
    pause: (ms) => worker.pause(ms),
    resume: () => worker.resume(),
    reset: () => worker.reset(),
    status: () => targetStatus(worker.view(), clock),
  };
}

/** The monitor is the last thing to fall: what nothing caught is logged, and life goes on. */
function surviveErrors(): void {
  let times: number[] = [];
  const survive = (error: unknown): void => {
    tellBug(error);
    times = [...times.filter((time) => time > clock.now() - ERROR_WINDOW_MS), clock.now()];
    if (times.length > MOST_ERRORS) process.exit(1);
  };
  process.on('uncaughtException', survive);
  process.on('unhandledRejection', survive);
}

function tellBug(error: unknown): void {
  const stack = error instanceof Error ? error.stack : undefined;
  log.line('error', `internal error, please report it: ${messageOf(error)}`, { stack });
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const found = typeof json === 'object' && json !== null && 'version' in json ? json.version : '';
  return String(found);
}
