import type { Notice } from '../message/notice.ts';
import type { Ledger } from './ledger.ts';

/** One message for one channel. */
export interface Outgoing {
  readonly channel: string;
  readonly notice: Notice;
}

/** The new ledger, and what is to be sent. */
export interface Plan {
  readonly ledger: Ledger;
  readonly outgoing: readonly Outgoing[];
}
