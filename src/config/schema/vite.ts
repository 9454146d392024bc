import type { ViteOptions } from '../../probe/probe.ts';
import { requireAtMost } from './cross-rules.ts';
import { parseDuration } from './durations.ts';
import { parseBaseUrl } from './http-url.ts';
import { durationForm, flagForm, urlForm } from '../json-schema/form.ts';
import { parseFlag } from './scalars.ts';
import { evenWhenInvalid, section, setting, shorthandOr } from '../section.ts';
import { tlsFields, requireScheme, requireVerified, tlsOf } from './tls-fields.ts';

/** The defaults of the vite probe, as a user would write them. */
export const viteDefaults = { deepPeriod: '60s', deepTimeout: '30s', hmr: false } as const;

const shape = {
  url: setting(parseBaseUrl, urlForm),
  deepPeriod: setting((input) => parseDuration(input, { minMs: 1000 }), durationForm).prefault(
    viteDefaults.deepPeriod,
  ),
  deepTimeout: setting(
    (input) => parseDuration(input, { minMs: 100 }),
    durationForm,
  ).exactOptional(),
  hmr: setting(parseFlag, flagForm).prefault(viteDefaults.hmr),
  ...tlsFields,
};

const form = section(shape, "write 'http://127.0.0.1:5173/' or { url, … }")
  .superRefine(requireScheme('https'), evenWhenInvalid)
  .superRefine(requireVerified, evenWhenInvalid)
  .superRefine(requireAtMost('deepTimeout', 'deepPeriod'), evenWhenInvalid)
  .transform(({ url, deepPeriod, deepTimeout, hmr, ...tls }): ViteOptions => {
    const usual = Math.min(parseDuration(viteDefaults.deepTimeout), deepPeriod);
    const times = { deepPeriodMs: deepPeriod, deepTimeoutMs: deepTimeout ?? usual };
    return { type: 'vite', url, ...times, ...(hmr && { hmr }), ...tlsOf(tls) };
  });

/** `vite: 'http://127.0.0.1:5173/'` or an object with `url`, the dev server's base. */
export const viteSchema = shorthandOr((url) => ({ url }), urlForm, form);
