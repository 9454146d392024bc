import type { TcpOptions } from '../../probe/probe.ts';
import { parsePeer, parsePort, splitAddress } from './address.ts';
import { anyTextForm, textForm, wholeForm } from '../json-schema/form.ts';
import { section, setting, shorthandOr } from '../section.ts';

const form = section(
  {
    host: setting(parsePeer, anyTextForm),
    port: setting(parsePort, { anyOf: [wholeForm(1, 65_535), textForm('\\d{1,5}')] }),
  },
  "write '127.0.0.1:3000' or { host, port }",
).transform(({ host, port }): TcpOptions => ({ type: 'tcp', host, port }));

/** `tcp: '127.0.0.1:5432'` or `tcp: { host, port }`. */
export const tcpSchema = shorthandOr(
  splitAddress,
  textForm('(\\[[^\\[\\]]+\\]|[^:\\[\\]]+):\\d{1,5}'),
  form,
);
