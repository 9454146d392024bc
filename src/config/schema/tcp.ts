import type { TcpOptions } from '../../probe/probe.ts';
import { parsePeer, parsePort, splitAddress } from './address.ts';
import { anyTextForm, textForm, wholeForm } from '../json-schema/form.ts';
import { dependingOn, section, setting, shorthandOr } from '../section.ts';
import { isSocketText, parseSocket, socketForm } from './socket.ts';

const atPort = section(
  {
    host: setting(parsePeer, anyTextForm),
    port: setting(parsePort, { anyOf: [wholeForm(1, 65_535), textForm('\\d{1,5}')] }),
  },
  "write '127.0.0.1:3000', '/run/api.sock', { host, port } or { socket }",
).transform(({ host, port }): TcpOptions => ({ type: 'tcp', host, port }));

const atSocket = section(
  { socket: setting(parseSocket, socketForm) },
  "write { socket: '/run/api.sock' }",
).transform(({ socket }): TcpOptions => ({ type: 'tcp', host: 'localhost', port: 0, socket }));

/** `tcp: '127.0.0.1:5432'`, `tcp: '/run/api.sock'`, or `{ host, port }` or `{ socket }`. */
export const tcpSchema = shorthandOr(
  (short) => (isSocketText(short) ? { socket: short } : splitAddress(short)),
  { anyOf: [textForm('(\\[[^\\[\\]]+\\]|[^:\\[\\]/]+):\\d{1,5}'), socketForm] },
  dependingOn('socket', atSocket, atPort),
);
