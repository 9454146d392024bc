import { createExecProbe } from './exec/exec.ts';
import { createHeartbeatProbe } from './heartbeat.ts';
import type { HeartbeatSnapshot } from './heartbeat.ts';
import { createHttpProbe } from './http/http.ts';
import type { Probe, ProbeOptions } from './probe.ts';
import type { RunAs } from './exec/run-as.ts';
import { createTcpProbe } from './tcp.ts';
import { createViteProbe } from './vite/vite.ts';
import { createWebSocketProbe } from './websocket/websocket.ts';

/** What a probe gets from the monitor, beside what it asks itself. */
interface ProbeDeps {
  /** What is heard of the heartbeats of the incarnation that is probed. */
  readonly heartbeat?: () => HeartbeatSnapshot;
  /** As whom a command of this app runs, looked at before each run. Never rejects. */
  readonly runAs?: () => Promise<RunAs>;
}

/** How each kind of probe is made; the one place where a new kind is entered. */
const FACTORIES: {
  readonly [Type in ProbeOptions['type']]: (
    options: Extract<ProbeOptions, { type: Type }>,
    ports: ProbeDeps,
  ) => Probe;
} = {
  tcp: createTcpProbe,
  http: createHttpProbe,
  vite: createViteProbe,
  exec: (options, { runAs }) => createExecProbe(options, runAs),
  websocket: createWebSocketProbe,
  heartbeat: (options, { heartbeat }) => createHeartbeatProbe(options, heartbeat),
};

/** Makes the probe that `options.type` names. Opens nothing yet. Throws on options no probe can use. */
export function createProbe(options: ProbeOptions, ports: ProbeDeps = {}): Probe {
  // as: the key picks the factory of just these options, which TypeScript cannot follow
  const create = FACTORIES[options.type] as (options: ProbeOptions, ports: ProbeDeps) => Probe;
  return create(options, ports);
}
