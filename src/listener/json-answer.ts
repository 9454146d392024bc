import { jsonText } from '../text/json-text.ts';
import { etagOf } from './etag.ts';
import type { Answer } from './route.ts';

/** A document as an answer; who has the same already gets 304. */
export function jsonAnswer(status: number, document: object): Answer {
  const body = jsonText(document);
  const etag = status === 200 ? { etag: etagOf(body) } : {};
  return { status, type: 'application/json; charset=utf-8', body, ...etag };
}

/** Why there is no document, in its form. */
export function jsonError(status: number, error: string): Answer {
  return jsonAnswer(status, { error });
}
