import type { HistoryReader } from '../history/series/history.ts';
import type { StatusDocument, TargetStatus } from '../report/status.ts';
import type { IncidentRecord } from '../store/journal-line.ts';

/** An incident as a page shows it. */
export interface PageIncident {
  readonly app: string;
  readonly instance: number;
  readonly id: string;
  readonly record: IncidentRecord;
}

/** All that a page is made of. */
export interface PageFacts {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly status: StatusDocument;
  readonly history: HistoryReader;
  readonly incidents: KnownIncidents;
}

/** The incidents of the journal, newest first. */
export interface KnownIncidents {
  readonly all: readonly PageIncident[];
  of(target: Pick<TargetStatus, 'name' | 'instance'>): readonly PageIncident[];
}

/** The windows that bars can show. */
export type Span = '24h' | '7d' | '90d';

export const SPANS: readonly Span[] = ['24h', '7d', '90d'];

/** Which page is asked for. */
export type PageName =
  | { readonly kind: 'home'; readonly span: Span }
  | { readonly kind: 'app'; readonly name: string; readonly instance: number };
