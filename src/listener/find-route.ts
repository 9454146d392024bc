import { decodePart } from './request-target.ts';
import type { ListenerRoute, ListenerRoutes } from './route.ts';

/** A route, and the part of the path in the place of its `*`. */
interface FoundRoute {
  readonly route: ListenerRoute;
  readonly name: string;
}

/** Finds `/health`, or `/health/*` for `/health/a%2Fb`, whose name is `a/b`. Null for no such path. */
export function findRoute(routes: ListenerRoutes, path: string): FoundRoute | null {
  const whole = routes.get(path);
  if (whole !== undefined && !path.endsWith('*')) return { route: whole, name: '' };
  const slash = path.lastIndexOf('/');
  const route = routes.get(`${path.slice(0, slash)}/*`);
  const name = decodePart(path.slice(slash + 1));
  return route === undefined || name === null || name === '' ? null : { route, name };
}
