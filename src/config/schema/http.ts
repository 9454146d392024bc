import type * as z from 'zod';
import type { HttpOptions } from '../../probe/probe.ts';
import { parseBodyPattern } from './body-pattern.ts';
import { headersSchema } from './header-fields.ts';
import { parseHttpUrl } from './http-url.ts';
import {
  choiceForm,
  patternForm,
  textForm,
  urlForm,
  wholeForm,
  type JsonForm,
} from '../json-schema/form.ts';
import { parseChoice } from './scalars.ts';
import { evenWhenInvalid, section, setting, shorthandOr, VALUE_FREE } from '../section.ts';
import { parseSocket, socketForm } from './socket.ts';
import { parseStatusRanges } from './status-ranges.ts';
import { tlsFields, requireScheme, requireVerified, tlsOf } from './tls-fields.ts';

/** The defaults of the http probe, as a user would write them. */
export const httpDefaults = { method: 'GET', status: '200-399' } as const;

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST'] as const;

const oneStatusForm: JsonForm = {
  anyOf: [wholeForm(100, 599), textForm('[1-5]\\d\\d-[1-5]\\d\\d')],
};
const statusForm: JsonForm = {
  anyOf: [oneStatusForm, { type: 'array', items: oneStatusForm, minItems: 1, maxItems: 50 }],
};
const shape = {
  // With a socket the URL gives the path, and the Host header.
  url: setting(parseHttpUrl, urlForm),
  socket: setting(parseSocket, socketForm).exactOptional(),
  method: setting(parseMethod, choiceForm(METHODS)).prefault(httpDefaults.method),
  headers: headersSchema.prefault({}),
  status: setting(parseStatusRanges, statusForm).prefault(httpDefaults.status),
  body: setting(parseBodyPattern, patternForm).exactOptional(),
  bodyNot: setting(parseBodyPattern, patternForm).exactOptional(),
  ...tlsFields,
};

const form = section(shape, "write 'http://127.0.0.1:3000/' or { url, … }")
  .superRefine(requireScheme('https'), evenWhenInvalid)
  .superRefine(requireVerified, evenWhenInvalid)
  .superRefine(headHasNoBody, evenWhenInvalid)
  .transform(({ ca, certFile, servername, rejectUnauthorized, ...rest }): HttpOptions => {
    return { type: 'http', ...rest, ...tlsOf({ ca, certFile, servername, rejectUnauthorized }) };
  });

/** `http: 'http://127.0.0.1:3000/health'` or an object with `url`. */
export const httpSchema = shorthandOr((url) => ({ url }), urlForm, form);

/** Methods that change nothing, and POST for health pages that need it. */
function parseMethod(input: unknown): string {
  return parseChoice(input, METHODS);
}

function headHasNoBody(
  value: Readonly<Record<string, unknown>>,
  context: z.core.$RefinementCtx,
): void {
  for (const key of ['body', 'bodyNot'].filter((name) => name in value)) {
    if (value['method'] !== 'HEAD') return;
    const message = "the answer to HEAD has no body; write method: 'GET', or drop this";
    context.addIssue({ code: 'custom', path: [key], message, params: { ...VALUE_FREE } });
  }
}
