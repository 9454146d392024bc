import { historyDocument } from '../history/series/document.ts';
import { jsonText } from '../text/json-text.ts';
import { etagOf } from './etag.ts';
import type { ListenerFacts } from './facts.ts';
import { textAnswer, type Answer, type ListenerRoutes } from './route.ts';

/** The buckets change once a minute; between two answers that have to be made the watch gets its turn. */
const KEPT_MS = 5_000;

/** The answers to the newest of all queries are kept. */
const MOST_KEPT = 8;

/** `/api/history`: how long each app was up, down and unobserved, by buckets of time. */
export function historyRoutes({ clock, history }: ListenerFacts): ListenerRoutes {
  const kept = new Map<string, { readonly answer: Answer; readonly at: number }>();
  return new Map([
    [
      '/api/history',
      ({ query }) => {
        if (history === undefined) return textAnswer(503, 'no history is kept');
        const asked = (name: string): string | undefined => query.get(name) ?? undefined;
        const wanted = { app: asked('app'), step: asked('step'), since: asked('since') };
        const key = JSON.stringify(wanted);
        const known = kept.get(key);
        const now = clock.now();
        if (known !== undefined && now - known.at < KEPT_MS) return known.answer;
        const found = historyDocument(history, wanted, clock.wall());
        if (!found.ok) return textAnswer(found.status, found.message);
        const answer = {
          status: 200,
          type: 'application/json; charset=utf-8',
          body: jsonText(found.document),
          // The time of the answer is not news.
          etag: etagOf(jsonText(found.document.apps)),
        };
        kept.delete(key);
        kept.set(key, { answer, at: now });
        for (const oldest of kept.keys()) {
          if (kept.size <= MOST_KEPT) break;
          kept.delete(oldest);
        }
        return answer;
      },
    ],
  ]);
}
