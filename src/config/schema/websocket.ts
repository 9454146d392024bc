import type * as z from 'zod';
import type { WebSocketOptions } from '../../probe/probe.ts';
import { badSetting, badValue } from '../bad-value.ts';
import { parseBodyPattern } from './body-pattern.ts';
import { headersSchema } from './header-fields.ts';
import { parseWebSocketUrl } from './http-url.ts';
import { patternForm, textForm, webSocketUrlForm } from '../json-schema/form.ts';
import { evenWhenInvalid, section, setting, shorthandOr, VALUE_FREE } from '../section.ts';
import { parseSocket, socketForm } from './socket.ts';
import { tlsFields, requireScheme, requireVerified, tlsOf } from './tls-fields.ts';

/** A token of HTTP. A list of subprotocols is not allowed. */
const PROTOCOL = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/** The most bytes of a message, which is sent as one frame. */
const MOST_SENT = 16 * 1024;

const shape = {
  url: setting(parseWebSocketUrl, webSocketUrlForm),
  socket: setting(parseSocket, socketForm).exactOptional(),
  protocol: setting(parseProtocol, textForm("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")).exactOptional(),
  send: setting(parseMessage, { type: 'string' }).exactOptional(),
  expect: setting(parseBodyPattern, patternForm).exactOptional(),
  headers: headersSchema.superRefine(rejectHandshakeHeaders, evenWhenInvalid).prefault({}),
  ...tlsFields,
};

const form = section(shape, "write 'ws://127.0.0.1:3000/' or { url, … }")
  .superRefine(requireScheme('wss'), evenWhenInvalid)
  .superRefine(requireVerified, evenWhenInvalid)
  .transform(({ ca, certFile, servername, rejectUnauthorized, ...rest }): WebSocketOptions => {
    return {
      type: 'websocket',
      ...rest,
      ...tlsOf({ ca, certFile, servername, rejectUnauthorized }),
    };
  });

/** `websocket: 'ws://127.0.0.1:3000/live'` or an object with `url`. */
export const webSocketSchema = shorthandOr((url) => ({ url }), webSocketUrlForm, form);

function parseProtocol(input: unknown): string {
  if (typeof input === 'string' && PROTOCOL.test(input)) return input;
  throw badValue(input, "write one subprotocol, like 'graphql-transport-ws'");
}

/** The message is never shown, because it may have a token. */
function parseMessage(input: unknown): string {
  if (typeof input !== 'string') throw badSetting(`got a ${typeof input}; write a text`);
  if (Buffer.byteLength(input) <= MOST_SENT) return input;
  throw badSetting(`got more than ${MOST_SENT} bytes; write a shorter text`);
}

function rejectHandshakeHeaders(
  value: Readonly<Record<string, unknown>>,
  context: Pick<z.core.$RefinementCtx, 'addIssue'>,
): void {
  for (const name of Object.keys(value)) {
    if (!/^(?:connection|upgrade|sec-websocket-.*)$/i.test(name)) continue;
    const message = 'is written by the probe itself; drop it (a subprotocol goes into `protocol`)';
    context.addIssue({ code: 'custom', path: [name], message, params: { ...VALUE_FREE } });
  }
}
