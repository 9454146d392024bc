import { oneOf } from '../../config/bad-value.ts';
import { LivenessError } from '../../errors.ts';
import { didYouMean } from '../../text/nearest.ts';
import type { LightAbortSignal } from '../../time/light-abort.ts';
import type { Notice } from '../message/notice.ts';
import type { ChannelKind, SendResult } from './channel.ts';

/** One channel as it is written: `slack:https://hooks.slack.com/…?name=ops`. */
export interface Entry {
  readonly kind: ChannelKind;
  /** The word before the first colon, in small letters: `https` of a webhook, `smtps`. */
  readonly scheme: string;
  /** All after that colon, without the settings. */
  readonly rest: string;
  /** Of the query, decoded, by name. */
  readonly settings: ReadonlyMap<string, string>;
}

/** What a kind of channel makes of an entry. */
export interface Sink {
  /** Shown: the host, or the program. */
  readonly shown: string;
  readonly endpoint: { readonly host: string; readonly port: number } | null;
  /** The parts of the entry that are never shown, as far as its kind knows more than `Entry` says. */
  readonly secrets: readonly string[];
  readonly repeatMs?: number;
  /** As `Channel.send`, but its texts are neither safe nor masked. */
  send(notice: Notice, signal: LightAbortSignal): Promise<SendResult>;
}

/** One kind of channel. */
export interface KindOfChannel {
  /** The settings it has beside `name` and `severity`. */
  readonly settings: readonly string[];
  /** All other parts of the query belong to the sink's own URL. */
  readonly hasOwnQuery?: true;
  /** An example, to copy. */
  readonly example: string;
  /** Throws ERR_CONFIG for a wrong entry, in a sentence without any part of it that may be secret. */
  create(entry: Entry): Sink;
}

/** What every kind has. */
export const COMMON_SETTINGS = ['name', 'severity'] as const;

/** A wrong entry. `message` has no secret. */
export function wrong(message: string): LivenessError {
  return new LivenessError('ERR_CONFIG', message);
}

/** Takes the settings of a kind out of a query; what is left belongs to the sink. Throws ERR_CONFIG. */
export function readQuery(
  query: string,
  { settings: own, hasOwnQuery }: Pick<KindOfChannel, 'settings' | 'hasOwnQuery'>,
): { readonly settings: ReadonlyMap<string, string>; readonly left: string } {
  const known: readonly string[] = [...COMMON_SETTINGS, ...own];
  const settings = new Map<string, string>();
  const left: string[] = [];
  for (const part of query.split('&').filter((each) => each !== '')) {
    const at = part.indexOf('=');
    const name = at < 0 ? part : part.slice(0, at);
    if (!known.includes(name)) {
      if (!hasOwnQuery) throw wrong(unknownSetting(name, known));
      left.push(part);
      continue;
    }
    if (settings.has(name)) throw wrong(`got '${name}' twice, wanted it once`);
    const value = at < 0 ? '' : decode(part.slice(at + 1), name);
    if (value === '') throw wrong(`got '${name}' without a value; write ${name}=…`);
    settings.set(name, value);
  }
  return { settings, left: left.join('&') };
}

/** The name of an unknown setting is shown only where it is near a known one: it may be a token. */
function unknownSetting(name: string, known: readonly string[]): string {
  const otherwise = `the settings are ${oneOf(known)}`;
  return `got an unknown setting after '?'; ${didYouMean(name, known, otherwise)}`;
}

/** Percent signs decoded; `+` stays, because a mail address may have it. */
export function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(`got a '%' in ${what} that begins no code; write %25 for a percent sign`);
  }
}

/** A text that can be in a header or a URL as it is. Throws ERR_CONFIG. */
export function printable(text: string, what: string): string {
  if (/^[\x21-\x7e]{1,2048}$/.test(text)) return text;
  throw wrong(
    `got a space, a control character or no ASCII in ${what}, wanted it as the service shows it`,
  );
}
