import type {
  ExecOptions,
  HttpOptions,
  ProbeOptions,
  WebSocketOptions,
} from '../../probe/probe.ts';
import { socketOf } from '../../text/socket-path.ts';
import { isRecord } from '../bad-value.ts';
import { envSecrets, isSecretName } from './env-secrets.ts';
import type { AppEnv, Interpolated, Piece } from '../interpolate.ts';
import { isOrdinary } from './ordinary.ts';
import { pathOf } from '../problem.ts';
import { HIDDEN, Secrets, type Secret } from './secrets.ts';
import { pathStart, programText } from './shown-target.ts';
import { argumentSecrets, queryValues } from './word-secrets.ts';

const LEAST = 3;
/** The keys of a probe whose texts may hold a secret; all others are words, numbers and hosts. */
const SECRET_KEYS = [
  'url',
  'headers',
  'body',
  'bodyNot',
  'expect',
  'send',
  'protocol',
  'command',
  'cwd',
  'certFile',
  'env',
] as const;
/** PM2's own names of an app, which are in every output. */
const PM2_NAMES = /^(?:name|namespace|pm_id|NODE_APP_INSTANCE|PORT)$/;
/** Headers that usually have no secret. */
const PLAIN_HEADER =
  /^(?:accept(?:-.*)?|host|user-agent|content-type|cache-control|connection|origin)$/i;

/** The secrets of an app: in its variables, and in what its block sends. Undefined where there are none. */
export function secretsOf(
  probe: ProbeOptions,
  block: Interpolated,
  env: AppEnv,
  root: string,
): Secrets | undefined {
  const places = [...block.pieces].filter(([path]) =>
    isSecretPlace(path, pathOf(root, [probe.type])),
  );
  const pieces = places.flatMap(([path, parts]) => (isUrl(path, probe) ? notInHost(parts) : parts));
  const named = pieces.flatMap(({ name, text }) =>
    name === undefined || PM2_NAMES.test(name) ? [] : [{ value: text, shown: `\${${name}}` }],
  );
  const open = hostOf(probe);
  const found = [...patternSecrets(probe), ...named, ...envSecrets(env), ...literals(probe)].filter(
    ({ value }) => value.length >= LEAST && !/^\d{1,3}$/.test(value) && !open.includes(value),
  );
  const byValue = new Map<string, Secret>();
  for (const secret of found) if (!byValue.has(secret.value)) byValue.set(secret.value, secret);
  return byValue.size === 0 ? undefined : new Secrets([...byValue.values()]);
}

function isSecretPlace(path: string, probe: string): boolean {
  if (path === probe || path.startsWith(`${probe}[`)) return true;
  return SECRET_KEYS.some(
    (key) =>
      path === `${probe}.${key}` ||
      path.startsWith(`${probe}.${key}.`) ||
      path.startsWith(`${probe}.${key}[`),
  );
}

function isUrl(path: string, { type }: ProbeOptions): boolean {
  return (
    (type === 'http' || type === 'vite' || type === 'websocket') &&
    /(?:\.url|^[^.]+\.[a-z]+)$/.test(path)
  );
}

/** The host is always shown, because without it a message is of no use. */
function notInHost(pieces: readonly Piece[]): readonly Piece[] {
  const start = pathStart(pieces.map(({ text }) => text).join(''));
  let at = 0;
  return pieces.filter(({ text }) => {
    at += text.length;
    return at > start;
  });
}

function hostOf(probe: ProbeOptions): string {
  const socket = socketOf(probe);
  if (socket !== undefined) return socket;
  if (probe.type === 'tcp') return `${probe.host}:${probe.port}`;
  return 'url' in probe ? new URL('/', probe.url).href : '';
}

/** The expected text of an answer, in the form of the probes' sentences. */
function patternSecrets(probe: ProbeOptions): Secret[] {
  const patterns = Object.entries(probe).filter(([key]) => /^(?:body|bodyNot|expect)$/.test(key));
  return patterns.flatMap(([key, pattern]) => {
    const isText = typeof pattern === 'string';
    if (!isText && !(pattern instanceof RegExp)) return [];
    const whole = isText ? JSON.stringify(pattern) : String(pattern);
    const [source, kind] = isText ? [pattern, 'text'] : [pattern.source, 'expression'];
    const secret = { value: whole, shown: `the ${kind} of \`${key}\`` };
    return isOrdinary(source) ? [secret] : [secret, { value: source, shown: HIDDEN }];
  });
}

/** The texts of the block itself that are sent to the app or passed to a command. */
function literals(probe: ProbeOptions): Secret[] {
  switch (probe.type) {
    case 'tcp':
    case 'heartbeat':
    case 'vite':
      return [];
    case 'http':
      return [...queryOf(probe), ...headersOf(probe)];
    case 'websocket':
      return [...queryOf(probe), ...headersOf(probe), ...messageOf(probe)];
    case 'exec':
      return [...programOf(probe), ...argumentSecrets(probe.args), ...variablesOf(probe)];
  }
}

function queryOf({ url }: HttpOptions | WebSocketOptions): Secret[] {
  const { search } = new URL(url);
  return search === ''
    ? []
    : queryValues(search.slice(1)).map((value) => ({ value, shown: HIDDEN }));
}

function headersOf({ headers }: HttpOptions | WebSocketOptions): Secret[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (PLAIN_HEADER.test(name)) return [];
    const [, credentials = ''] = /^[A-Za-z][\w-]* (\S+)$/.exec(value) ?? [];
    const cookies = /^cookie$/i.test(name) ? value.split(/;\s*/) : [];
    const values = [value, credentials, ...cookies.map((each) => each.replace(/^[^=]*=/, ''))];
    return isSecretName(name) ? values.map(hide) : hideUncommon(values);
  });
}

/** The program's name, which a message shows where a whole command was written as the first word. */
function programOf({ file }: ExecOptions): Secret[] {
  if (!/\s/.test(file)) return [];
  const [, ...words] = file.split(/\s+/);
  return [{ value: file, shown: programText(file) }, ...argumentSecrets(words)];
}

function variablesOf({ env }: ExecOptions): Secret[] {
  return Object.entries(env).flatMap(([name, value]) =>
    isSecretName(name) ? [hide(value)] : hideUncommon([value]),
  );
}

function messageOf({ send, protocol = '' }: WebSocketOptions): Secret[] {
  const isToken = protocol.length > 32 || /token|bearer|auth/i.test(protocol);
  const told = isToken ? [protocol, protocol.replace(/^.*\./, '')] : [];
  return hideUncommon([...told, ...(send === undefined ? [] : [send, ...textsIn(send)])]);
}

/** The texts in a message of JSON. */
function textsIn(message: string): string[] {
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value);
    else if (Array.isArray(value)) value.forEach(walk);
    else if (isRecord(value)) Object.values(value).forEach(walk);
  };
  try {
    walk(JSON.parse(message));
  } catch {
    // Plain words: they are one text.
  }
  return texts;
}

function hideUncommon(values: readonly string[]): Secret[] {
  return values.filter((value) => !isOrdinary(value)).map(hide);
}

function hide(value: string): Secret {
  return { value, shown: HIDDEN };
}
