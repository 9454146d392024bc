import { apiRoutes } from './api.ts';
import { badgeRoutes } from './badge.ts';
import type { ListenerFacts } from './facts.ts';
import { healthRoutes } from './health.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { pageRoutes } from './page-routes.ts';
import type { ListenerRoutes } from './route.ts';

/** All routes, and how to end what they began. */
interface OpenedRoutes {
  readonly routes: ListenerRoutes;
  close(): Promise<void>;
}

/** Opens all that can be asked for; `onBug` takes over what goes wrong between requests. */
export function openRoutes(facts: ListenerFacts, onBug: (error: unknown) => void): OpenedRoutes {
  const page = pageRoutes(facts, onBug);
  const own = [healthRoutes(facts), badgeRoutes(facts), apiRoutes(facts), metricsRoutes(facts)];
  const rooms = [...own, page.routes];
  return { routes: new Map(rooms.flatMap((routes) => [...routes])), close: () => page.close() };
}
