// For authors of ecosystem files: the types of the block, and functions that check it before PM2 gets it.
export type {
  BodyPattern,
  DurationText,
  ExecBlock,
  HeartbeatBlock,
  HttpBlock,
  LivenessBlock,
  PortOwner,
  RestartsBlock,
  StatusText,
  TcpBlock,
  TlsBlock,
  ViteBlock,
  WebSocketBlock,
} from './config/block.ts';
export { formatDuration, parseDuration, type DurationBounds } from './config/schema/durations.ts';
export type { Ecosystem, EcosystemApp, OneProbeBlock } from './config/ecosystem.ts';
export type { AppEnv } from './config/interpolate.ts';
export type { JsonForm } from './config/json-schema/form.ts';
export { blockJsonSchema } from './config/json-schema/json-schema.ts';
export { formatProblems, type Problem } from './config/problem.ts';
export { blockDefaults } from './config/schema/schema.ts';
export { parseSize } from './config/schema/sizes.ts';
export {
  readBlock,
  type BlockResult,
  type Overrides,
  type Schedule,
  type TargetConfig,
} from './config/target-config.ts';
export { LivenessError, type ErrorCode } from './errors.ts';
export { startHeartbeat, type HeartbeatSettings } from './heartbeat.ts';
export type {
  ExecOptions,
  HeartbeatOptions,
  HttpOptions,
  ProbeOptions,
  StatusRange,
  TcpOptions,
  TlsOptions,
  ViteOptions,
  WebSocketOptions,
} from './probe/probe.ts';
export type { ActionMode, Policy } from './verdict/policy.ts';
