import { createExecProbe } from './exec.ts';
import { createHttpProbe } from './http.ts';
import type { Probe, ProbeOptions } from './probe.ts';
import { createTcpProbe } from './tcp.ts';
import { createViteProbe } from './vite.ts';
import { createWebSocketProbe } from './websocket.ts';

/** How each kind of probe is made; the one place where a new kind is entered. */
const FACTORIES: {
  readonly [Type in ProbeOptions['type']]: (
    options: Extract<ProbeOptions, { type: Type }>,
  ) => Probe;
} = {
  tcp: createTcpProbe,
  http: createHttpProbe,
  vite: createViteProbe,
  exec: createExecProbe,
  websocket: createWebSocketProbe,
};

/** Makes the probe that `options.type` names. Opens nothing yet. Throws on options no probe can use. */
export function createProbe(options: ProbeOptions): Probe {
  // as: the key picks the factory of just these options, which TypeScript cannot follow
  const create = FACTORIES[options.type] as (options: ProbeOptions) => Probe;
  return create(options);
}
