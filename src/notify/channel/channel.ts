import type { LightAbortSignal } from '../../time/light-abort.ts';
import type { Notice, Severity } from '../message/notice.ts';

/** Every kind of channel, as the first word of its line in LIVENESS_NOTIFY names it (docs/NOTIFY.md). */
export type ChannelKind =
  | 'smtp'
  | 'webhook'
  | 'slack'
  | 'discord'
  | 'teams'
  | 'telegram'
  | 'ntfy'
  | 'alertmanager'
  | 'exec';

/** The longest time that `send` takes, from the name lookup to the end of the answer, in milliseconds. */
export const SEND_MS = 15_000;

/** What a sink answered. Its texts are one safe line, at most 200 characters, without the channel's secrets. */
export type SendResult =
  | {
      readonly kind: 'sent';
      readonly answer: string;
      /** Why some of several addresses will never have it. */
      readonly warning?: string;
    }
  /** Worth another try: no connection, silence, 302, 303, 307, 408, 429, 5xx, SMTP 4xx. `retryAfterMs` is what the sink asked for. */
  | {
      readonly kind: 'retry';
      readonly reason: string;
      readonly retryAfterMs: number | null;
      /** Some of several addresses have it; only the others get the next try. */
      readonly isPartial?: true;
    }
  /** The same message will never be accepted: 400, 401, 403, 404, 410, 301, 308, SMTP 5xx. */
  | { readonly kind: 'refused'; readonly reason: string };

/** One way to reach a person. Holds no connection between two messages. */
export interface Channel {
  /** Unique among the channels: `name=` of the URL, else the kind, `slack-2`, … */
  readonly name: string;
  readonly kind: ChannelKind;
  /** A short hash of its URL without name and severity: the same channel under another name. Absent: known by its name. */
  readonly id?: string;
  /** True where a person wrote the name. */
  readonly isNamed?: boolean;
  /** All of the URL that may be shown, kind and host: `slack (hooks.slack.com)`. */
  readonly shown: string;
  /** The lowest severity that it takes: `severity=` of the URL, else `info`. */
  readonly minSeverity: Severity;
  /** How often an open incident has to be sent again, so that the sink keeps it open; absent where never. */
  readonly repeatMs?: number;
  /** Where a connection to the sink begins; null where it is a program (exec). */
  readonly endpoint: { readonly host: string; readonly port: number } | null;
  /** Never rejects, and ends within SEND_MS or soon after the abort, also where the sink is silent. */
  send(notice: Notice, signal: LightAbortSignal): Promise<SendResult>;
}
