import type * as z from 'zod';
import type { DiagnoseWord, LivenessBlock, PortOwner } from '../block.ts';
import { requireAtMost } from './cross-rules.ts';
import { dependsOnSchema } from './depends-on.ts';
import { parseDuration } from './durations.ts';
import { execSchema } from './exec.ts';
import { heartbeatSchema } from './heartbeat.ts';
import { httpDefaults, httpSchema } from './http.ts';
import { choiceForm, durationForm, flagForm, sizeForm, wholeForm } from '../json-schema/form.ts';
import { restartsDefaults, restartsSchema } from './restarts.ts';
import { notifyForm, parseNotify } from './notify.ts';
import { actionModes, parseChoice, parseFlag, scalars } from './scalars.ts';
import { evenWhenInvalid, section, setting, VALUE_FREE } from '../section.ts';
import { parseSize } from './sizes.ts';
import { tcpSchema } from './tcp.ts';
import { viteDefaults, viteSchema } from './vite.ts';
import { webSocketSchema } from './websocket.ts';

/** The keys of a block that name its probe. */
export const probeKeys = ['tcp', 'http', 'vite', 'exec', 'websocket', 'heartbeat'] as const;

/** One of these keys. */
export type ProbeKey = (typeof probeKeys)[number];

/** The defaults in the object forms of the probes, as a user would write them. */
export const probeDefaults: { readonly [Key in ProbeKey]?: Readonly<Record<string, unknown>> } = {
  http: httpDefaults,
  vite: viteDefaults,
};

/** The defaults of a block, as a user would write them. They are defined only here. */
export const blockDefaults = {
  period: '5s',
  fastPeriod: '1s',
  startupPeriod: '500ms',
  startupTimeout: '120s',
  timeout: '2s',
  failureThreshold: 3,
  successThreshold: 1,
  busyGrace: '30s',
  action: 'restart',
  restarts: restartsDefaults,
  portOwner: 'app',
  reapOrphans: true,
} as const;

const PORT_OWNERS = ['app', 'any'] as const;
const DIAGNOSE_WORDS = ['inspector'] as const satisfies readonly DiagnoseWord[];

/** Longer than any health check of a load balancer takes to notice. */
const LONGEST_DRAIN_MS = 60_000;

const shape = {
  tcp: tcpSchema.exactOptional(),
  http: httpSchema.exactOptional(),
  vite: viteSchema.exactOptional(),
  exec: execSchema.exactOptional(),
  websocket: webSocketSchema.exactOptional(),
  heartbeat: heartbeatSchema.exactOptional(),
  period: setting(scalars.period, durationForm).prefault(blockDefaults.period),
  // Where they are not written, these two are lowered to a period that is shorter than their defaults.
  fastPeriod: setting(scalars.fastPeriod, durationForm).exactOptional(),
  startupPeriod: setting(scalars.startupPeriod, durationForm).exactOptional(),
  startupTimeout: setting(scalars.startupTimeout, durationForm).prefault(
    blockDefaults.startupTimeout,
  ),
  timeout: setting(scalars.timeout, durationForm).prefault(blockDefaults.timeout),
  failureThreshold: setting(scalars.failureThreshold, wholeForm(1, 100)).prefault(
    blockDefaults.failureThreshold,
  ),
  successThreshold: setting(scalars.successThreshold, wholeForm(1, 100)).prefault(
    blockDefaults.successThreshold,
  ),
  busyGrace: setting(scalars.busyGrace, durationForm).prefault(blockDefaults.busyGrace),
  action: setting(scalars.action, choiceForm(actionModes)).prefault(blockDefaults.action),
  restarts: restartsSchema.prefault({}),
  portOwner: setting(parsePortOwner, choiceForm(PORT_OWNERS)).prefault(blockDefaults.portOwner),
  reapOrphans: setting(parseFlag, flagForm).prefault(blockDefaults.reapOrphans),
  maxTreeMemory: setting(parseSize, sizeForm).exactOptional(),
  slow: setting((input) => parseDuration(input), durationForm).exactOptional(),
  drain: setting(
    (input) => parseDuration(input, { minMs: 0, maxMs: LONGEST_DRAIN_MS }),
    durationForm,
  ).exactOptional(),
  dependsOn: dependsOnSchema.exactOptional(),
  notify: setting(parseNotify, notifyForm).exactOptional(),
  diagnose: setting(
    (input) => parseChoice(input, DIAGNOSE_WORDS),
    choiceForm(DIAGNOSE_WORDS),
  ).exactOptional(),
  heapSnapshot: setting(parseFlag, flagForm).exactOptional(),
} satisfies Record<keyof LivenessBlock, z.ZodType>;

/** An `env_liveness` block as a user writes it, with its `${NAME}`s replaced (DESIGN §2). */
export const blockSchema = section(shape, "write an object, like { tcp: '127.0.0.1:3000' }")
  .superRefine(oneProbe, evenWhenInvalid)
  .superRefine(requireAtMost('fastPeriod', 'period'), evenWhenInvalid)
  .superRefine(requireAtMost('startupPeriod', 'startupTimeout'), evenWhenInvalid);

/** What `blockSchema` makes of a good block; durations in milliseconds. */
export type ParsedBlock = z.infer<typeof blockSchema>;

function oneProbe(value: object, context: z.core.$RefinementCtx): void {
  const found = probeKeys.filter((key) => key in value);
  if (found.length === 1) return;
  const message =
    found.length === 0
      ? "has no probe; write tcp, http, vite, exec, websocket or heartbeat, like tcp: '127.0.0.1:3000'"
      : `has ${found.join(' and ')}; write exactly one of them`;
  context.addIssue({ code: 'custom', message, params: { ...VALUE_FREE } });
}

function parsePortOwner(input: unknown): PortOwner {
  return parseChoice(input, PORT_OWNERS);
}
