import { parseSince } from '../config/schema/since.ts';
import { wallIso } from '../time/iso.ts';
import type { ListenerFacts } from './facts.ts';
import type { KnownIncident } from './incident-reader.ts';
import { jsonAnswer, jsonError } from './json-answer.ts';
import type { Answer, ListenerRequest, ListenerRoute, ListenerRoutes } from './route.ts';

/** The document of `/api/incidents`; times are ISO 8601, fields are only added. */
export interface IncidentsDocument {
  readonly schemaVersion: 1;
  /** Newest first. */
  readonly incidents: readonly KnownIncident[];
  /** True where there are more than `limit`. */
  readonly isCut: boolean;
}

const DEFAULT_LIMIT = 100;
const MOST = 1_000;

/** `/api/status` and `/api/incidents`. */
export function apiRoutes(facts: ListenerFacts): ListenerRoutes {
  return new Map<string, ListenerRoute>([
    ['/api/status', () => jsonAnswer(200, facts.status())],
    ['/api/incidents', (asked: ListenerRequest) => incidents(facts, asked)],
  ]);
}

async function incidents(facts: ListenerFacts, { query }: ListenerRequest): Promise<Answer> {
  const limit = limitOf(query.get('limit'));
  if (limit === null) return jsonError(400, `limit: write a number from 1 to ${MOST}`);
  const since = sinceOf(query.get('since'), facts.clock.wall());
  if (since === null) {
    return jsonError(400, 'since: write a duration like 24h, or an ISO 8601 time');
  }
  const app = query.get('app');
  const wanted = (await facts.incidents()).filter(
    (each) => (app ?? each.app) === each.app && isAfter(each, since),
  );
  const document: IncidentsDocument = {
    schemaVersion: 1,
    incidents: wanted.slice(0, limit),
    isCut: wanted.length > limit,
  };
  return jsonAnswer(200, document);
}

/** One that is still open counts as of now. */
function isAfter({ record }: KnownIncident, since: string): boolean {
  return (record.resolvedAt ?? '9') >= since;
}

function limitOf(text: string | null): number | null {
  if (text === null) return DEFAULT_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= MOST ? limit : null;
}

/** An ISO time; null for what is none, and no duration either. */
function sinceOf(text: string | null, now: number): string | null {
  if (text === null) return '';
  const at = parseSince(text, now);
  return at === null ? null : wallIso(at);
}
