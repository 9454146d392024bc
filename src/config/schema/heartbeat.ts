import type { HeartbeatOptions } from '../../probe/probe.ts';
import { parseDuration } from './durations.ts';
import { durationForm } from '../json-schema/form.ts';
import { section, setting, shorthandOr } from '../section.ts';

const form = section(
  {
    every: setting((input) => parseDuration(input, { minMs: 100, maxMs: 3_600_000 }), durationForm),
  },
  "write '5s' or { every: '5s' }",
).transform(({ every }): HeartbeatOptions => ({ type: 'heartbeat', everyMs: every }));

/** `heartbeat: '5s'` or `heartbeat: { every: '5s' }`: the app promises at least one in this time. */
export const heartbeatSchema = shorthandOr((every) => ({ every }), durationForm, form);
