import type { ViteOptions } from '../probe/probe.ts';
import { notLonger } from './cross-rules.ts';
import { parseDuration } from './durations.ts';
import { parseBaseUrl } from './http-url.ts';
import { durationForm, urlForm } from './json-form.ts';
import { evenWhenInvalid, section, setting, shorthandOr } from './section.ts';
import { tlsFields, tlsNeedsHttps, tlsOf } from './tls-fields.ts';

/** The defaults of the vite probe, as a user would write them. */
export const viteDefaults = { deepPeriod: '60s', deepTimeout: '30s' } as const;

const shape = {
  url: setting(parseBaseUrl, urlForm),
  deepPeriod: setting((input) => parseDuration(input, { minMs: 1000 }), durationForm).prefault(
    viteDefaults.deepPeriod,
  ),
  deepTimeout: setting(
    (input) => parseDuration(input, { minMs: 100 }),
    durationForm,
  ).exactOptional(),
  ...tlsFields,
};

const form = section(shape, "write 'http://127.0.0.1:5173/' or { url, … }")
  .superRefine(tlsNeedsHttps, evenWhenInvalid)
  .superRefine(notLonger('deepTimeout', 'deepPeriod'), evenWhenInvalid)
  .transform(({ url, deepPeriod, deepTimeout, ...tls }): ViteOptions => {
    const usual = Math.min(parseDuration(viteDefaults.deepTimeout), deepPeriod);
    const times = { deepPeriodMs: deepPeriod, deepTimeoutMs: deepTimeout ?? usual };
    return { type: 'vite', url, ...times, ...tlsOf(tls) };
  });

/** `vite: 'http://127.0.0.1:5173/'` or an object with `url`, the dev server's base. */
export const viteSchema = shorthandOr((url) => ({ url }), urlForm, form);
