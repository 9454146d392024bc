import { isRecord } from '../../config/bad-value.ts';
import { formatDuration, parseDuration } from '../../config/schema/durations.ts';
import { maskSecrets } from '../../config/secrets/secrets.ts';
import type { TargetConfig } from '../../config/target-config.ts';
import { viteDefaults } from '../../config/schema/vite.ts';
import type {
  HttpOptions,
  ProbeOptions,
  TlsOptions,
  ViteOptions,
  WebSocketOptions,
} from '../../probe/probe.ts';
import { shownTarget } from '../../report/status.ts';
import type { EffectiveSetting } from './setting-sources.ts';

type Written = Readonly<Record<string, unknown>>;

/**
 * The settings of a probe, with `block` as it was written. Where a value may have a secret only its name is
 * shown: headers, environment and arguments of a program, the query of a URL, messages and expected texts,
 * certificates. An app's variable is shown by its name.
 */
export function probeSettings(config: TargetConfig, block: Written): EffectiveSetting[] {
  const { type } = config.probe;
  const written = block[type];
  const target = shownTarget(config);
  return settingsOf(config.probe, target).map(([key, value, follows]) => ({
    key: key === '' ? type : `${type}.${key}`,
    // A folder, a subprotocol or a server name may come from a variable.
    value: value.startsWith(target) ? value : maskSecrets(value, config.secrets),
    source: follows ?? sourceOf(key, written),
  }));
}

/** A key, its value, and the setting that it follows where it was lowered. */
type Setting = readonly [key: string, value: string, follows?: string];

/** `target` is the URL, the address or the program, without secrets. */
function settingsOf(options: ProbeOptions, target: string): readonly Setting[] {
  switch (options.type) {
    case 'tcp':
      return [['', target]];
    case 'http':
      return httpSettings(options, target);
    case 'vite':
      return viteSettings(options, target);
    case 'websocket':
      return webSocketSettings(options, target);
    case 'heartbeat':
      return [['every', formatDuration(options.everyMs)]];
    case 'exec': {
      const { args, cwd, env } = options;
      const more = args.length === 0 ? '' : ` (${pluralize(args.length, 'argument')}, not shown)`;
      return [
        ['command', `${target}${more}`],
        ...(cwd === undefined ? [] : [['cwd', cwd] as const]),
        ['env', names(env)],
      ];
    }
  }
}

function httpSettings(options: HttpOptions, target: string): Setting[] {
  const { method, status, headers, body, bodyNot, tls } = options;
  return [
    ...urlAndSocket(options, target),
    ['method', method],
    ['status', status.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(', ')],
    ['headers', names(headers)],
    ...(body === undefined ? [] : [['body', patternText(body)] as const]),
    ...(bodyNot === undefined ? [] : [['bodyNot', patternText(bodyNot)] as const]),
    ...tlsSettings(tls),
  ];
}

/** A message may have a token, so it is not shown. */
function webSocketSettings(options: WebSocketOptions, target: string): Setting[] {
  const { protocol, send, expect, headers, tls } = options;
  return [
    ...urlAndSocket(options, target),
    ...(protocol === undefined ? [] : [['protocol', protocol] as const]),
    ...(send === undefined ? [] : [['send', 'a text (not shown)'] as const]),
    ...(expect === undefined ? [] : [['expect', patternText(expect)] as const]),
    ['headers', names(headers)],
    ...tlsSettings(tls),
  ];
}

function urlAndSocket({ socket }: HttpOptions | WebSocketOptions, target: string): Setting[] {
  if (socket === undefined) return [['url', target]];
  return [
    ['url', target.replace(` at ${socket}`, '')],
    ['socket', socket],
  ];
}

function viteSettings(
  { deepPeriodMs, deepTimeoutMs, hmr, tls }: ViteOptions,
  target: string,
): Setting[] {
  const isFollowing =
    deepTimeoutMs === deepPeriodMs && deepTimeoutMs < parseDuration(viteDefaults.deepTimeout);
  return [
    ['url', target],
    ['deepPeriod', formatDuration(deepPeriodMs)],
    isFollowing
      ? ['deepTimeout', formatDuration(deepTimeoutMs), 'follows vite.deepPeriod']
      : ['deepTimeout', formatDuration(deepTimeoutMs)],
    ['hmr', String(hmr ?? false)],
    ...tlsSettings(tls),
  ];
}

function tlsSettings({ ca, certFile, servername, rejectUnauthorized }: TlsOptions = {}): Setting[] {
  return [
    ...(ca === undefined ? [] : [['ca', 'a certificate (not shown)'] as const]),
    ...(certFile === undefined ? [] : [['certFile', certFile] as const]),
    ...(servername === undefined ? [] : [['servername', servername] as const]),
    ...(rejectUnauthorized === undefined
      ? []
      : [['rejectUnauthorized', String(rejectUnauthorized)] as const]),
  ];
}

/**
 * The source of a setting: `env_liveness` where the block has it. A probe as text has only its main setting.
 */
function sourceOf(key: string, written: unknown): string {
  const isMain = ['', 'url', 'command', 'every'].includes(key);
  const isWritten = isMain || (isRecord(written) && key in written);
  if (isWritten) return 'env_liveness';
  return key === 'cwd' ? "the app's folder" : 'default';
}

function names(values: Readonly<Record<string, string>>): string {
  const known = Object.keys(values);
  return known.length === 0 ? 'none' : `${known.join(', ')} (values not shown)`;
}

function patternText(pattern: string | RegExp): string {
  return typeof pattern === 'string' ? 'a text (not shown)' : 'a regular expression (not shown)';
}

function pluralize(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
