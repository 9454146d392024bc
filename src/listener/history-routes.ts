import { historyDocument } from '../history/series/document.ts';
import { jsonText } from '../text/json-text.ts';
import { etagOf } from './etag.ts';
import type { ListenerFacts } from './facts.ts';
import { textAnswer, type ListenerRoutes } from './route.ts';

/** `/api/history`: how long each app was up, down and unobserved, by buckets of time. */
export function historyRoutes({ clock, history }: ListenerFacts): ListenerRoutes {
  return new Map([
    [
      '/api/history',
      ({ query }) => {
        if (history === undefined) return textAnswer(503, 'no history is kept');
        const asked = (name: string): string | undefined => query.get(name) ?? undefined;
        const wanted = { app: asked('app'), step: asked('step'), since: asked('since') };
        const answer = historyDocument(history, wanted, clock.wall());
        if (!answer.ok) return textAnswer(answer.status, answer.message);
        const body = jsonText(answer.document);
        // The time of the answer is not news.
        const etag = etagOf(jsonText(answer.document.apps));
        return { status: 200, type: 'application/json; charset=utf-8', body, etag };
      },
    ],
  ]);
}
