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
 * The settings of a probe as `written` in a block. Of what may hold secrets only the names are
 * told: headers, variables and arguments of a program, the query of a URL, what is said and what is
 * looked for, a certificate; and of a variable of the app the name.
 */
export function probeSettings(config: TargetConfig, block: Written): EffectiveSetting[] {
  const { type } = config.probe;
  const written = block[type];
  const target = shownTarget(config);
  return settingsOf(config.probe, target).map(([key, value, follows]) => ({
    key: key === '' ? type : `${type}.${key}`,
    // A folder, a subprotocol or a server's name may come from a variable.
    value: value.startsWith(target) ? value : maskSecrets(value, config.secrets),
    source: follows ?? sourceOf(key, written),
  }));
}

/** A key, its value, and what it follows where it is not the one that was written. */
type Setting = readonly [key: string, value: string, follows?: string];

/** `target` is the URL, the address or the program, as it may be shown. */
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
    ['url', target],
    ['method', method],
    ['status', status.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(', ')],
    ['headers', names(headers)],
    ...(body === undefined ? [] : [['body', patternText(body)] as const]),
    ...(bodyNot === undefined ? [] : [['bodyNot', patternText(bodyNot)] as const]),
    ...tlsSettings(tls),
  ];
}

/** What is sent may carry a token. */
function webSocketSettings(options: WebSocketOptions, target: string): Setting[] {
  const { protocol, send, expect, headers, tls } = options;
  return [
    ['url', target],
    ...(protocol === undefined ? [] : [['protocol', protocol] as const]),
    ...(send === undefined ? [] : [['send', 'a text (not shown)'] as const]),
    ...(expect === undefined ? [] : [['expect', patternText(expect)] as const]),
    ['headers', names(headers)],
    ...tlsSettings(tls),
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

function tlsSettings({ ca, servername, rejectUnauthorized }: TlsOptions = {}): Setting[] {
  return [
    ...(ca === undefined ? [] : [['ca', 'a certificate (not shown)'] as const]),
    ...(servername === undefined ? [] : [['servername', servername] as const]),
    ...(rejectUnauthorized === undefined
      ? []
      : [['rejectUnauthorized', String(rejectUnauthorized)] as const]),
  ];
}

/** In the block stands what it names; a probe as text is its one main setting alone. */
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
