import { createExecProbe } from './exec/exec.ts';
import { createHeartbeatProbe } from './heartbeat.ts';
import type { HeartbeatSnapshot } from './heartbeat.ts';
import { createHttpProbe } from './http/http.ts';
import type { Probe, ProbeOptions } from './probe.ts';
import type { RunAs } from './exec/run-as.ts';
import { createTcpProbe } from './tcp.ts';
import { createStatusExplainer } from './vite/explain-status.ts';
import { createViteProbe } from './vite/vite.ts';
import { createWebSocketProbe } from './websocket/websocket.ts';

/** What a probe gets from the monitor. */
interface ProbeDeps {
  /** The heartbeats of the probed incarnation. */
  readonly heartbeat?: () => HeartbeatSnapshot;
  /** The user as whom a command of this app runs, read before each run. Never rejects. */
  readonly runAs?: () => Promise<RunAs>;
}

/** What makes each kind of probe. A new kind is added only here. */
const FACTORIES: {
  readonly [Type in ProbeOptions['type']]: (
    options: Extract<ProbeOptions, { type: Type }>,
    deps: ProbeDeps,
  ) => Probe;
} = {
  tcp: createTcpProbe,
  http: (options) => createHttpProbe(options, createStatusExplainer(options)),
  vite: createViteProbe,
  exec: (options, { runAs }) => createExecProbe(options, runAs),
  websocket: createWebSocketProbe,
  heartbeat: (options, { heartbeat }) => createHeartbeatProbe(options, heartbeat),
};

/** Makes the probe for `options.type`. Opens nothing yet. Throws for options that no probe can use. */
export function createProbe(options: ProbeOptions, deps: ProbeDeps = {}): Probe {
  // as: the key picks the factory for these options, which TypeScript cannot see
  const create = FACTORIES[options.type] as (options: ProbeOptions, deps: ProbeDeps) => Probe;
  return create(options, deps);
}
