import { findRoute } from '../../src/listener/find-route.ts';
import type { ListenerFacts } from '../../src/listener/facts.ts';
import type { Answer } from '../../src/listener/route.ts';
import { openRoutes } from '../../src/listener/routes.ts';

/** Asks a route without a server. Throws where there is none. */
export async function ask(
  facts: ListenerFacts,
  url: string,
  { accept = '', isGuarded = false } = {},
): Promise<Answer & { readonly body: string }> {
  const [path = '', query = ''] = url.split('?', 2);
  const found = findRoute(openRoutes(facts, noBug).routes, path);
  if (found === null) throw new Error(`no route for ${path}`);
  const asked = { path, name: found.name, accept, acceptEncoding: '', isGuarded };
  const answer = await found.route({ ...asked, query: new URLSearchParams(query) });
  if (!('body' in answer)) throw new Error('a stream');
  return { ...answer, body: String(answer.body) };
}

function noBug(error: unknown): void {
  throw error;
}
