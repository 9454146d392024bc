import type { Policy } from '../../verdict/policy.ts';
import { requireAtMost } from './cross-rules.ts';
import { parseDuration } from './durations.ts';
import { durationForm, wholeForm } from '../json-schema/form.ts';
import { parseWhole } from './scalars.ts';
import { evenWhenInvalid, section, setting } from '../section.ts';

/** The defaults of `restarts`, as a user would write them. */
export const restartsDefaults = {
  limit: 5,
  within: '10m',
  maxBackoff: '300s',
  cooldown: '15m',
  maxCooldown: '2h',
} as const;

const duration = setting((input) => parseDuration(input, { minMs: 100 }), durationForm);

const shape = {
  limit: setting((input) => parseWhole(input, 1, 100), wholeForm(1, 100)).prefault(
    restartsDefaults.limit,
  ),
  within: duration.prefault(restartsDefaults.within),
  maxBackoff: duration.exactOptional(),
  cooldown: duration.exactOptional(),
  maxCooldown: duration.exactOptional(),
};

/** `restarts: { limit, within, maxBackoff, cooldown, maxCooldown }`, all optional. */
export const restartsSchema = section(shape, "write an object, like { limit: 5, within: '10m' }")
  .superRefine(requireAtMost('maxBackoff', 'maxCooldown'), evenWhenInvalid)
  .superRefine(requireAtMost('cooldown', 'maxCooldown'), evenWhenInvalid)
  .transform(({ limit, within, ...given }): Policy['restarts'] => {
    const maxBackoffMs = given.maxBackoff ?? parseDuration(restartsDefaults.maxBackoff);
    const cooldownMs = given.cooldown ?? parseDuration(restartsDefaults.cooldown);
    const longestMs = parseDuration(restartsDefaults.maxCooldown);
    // A written value wins over a default: the default cap rises to a longer written wait, and default waits
    // fall to a written cap.
    const maxCooldownMs =
      given.maxCooldown ?? Math.max(longestMs, given.maxBackoff ?? 0, given.cooldown ?? 0);
    return {
      limit,
      withinMs: within,
      maxBackoffMs: Math.min(maxBackoffMs, maxCooldownMs),
      cooldownMs: Math.min(cooldownMs, maxCooldownMs),
      maxCooldownMs,
    };
  });
