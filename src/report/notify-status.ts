/** How a channel of messages does. */
export interface ChannelStatus {
  readonly name: string;
  /** Kind and host. */
  readonly shown: string;
  /** How many messages wait. */
  readonly waiting: number;
  /** Since this monitor began to lead. */
  readonly sent: number;
  readonly failed: number;
  /** Why the last attempt failed; null where it did not. */
  readonly problem: string | null;
  /** ISO 8601; null where this monitor has sent nothing. */
  readonly lastSentAt: string | null;
}

/** How the dead man's switch does. */
export interface PingStatus {
  /** The host of its URL. */
  readonly shown: string;
  /** ISO 8601; null before the first success. */
  readonly lastOkAt: string | null;
  /** Why the last ping was not taken, or not sent; null where it was. */
  readonly problem: string | null;
}

/** How it goes to tell people of incidents. */
export interface NotifyStatus {
  readonly channels: readonly ChannelStatus[];
  /** Null where there is no dead man's switch. */
  readonly ping: PingStatus | null;
}
