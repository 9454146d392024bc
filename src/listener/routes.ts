import { apiRoutes } from './api.ts';
import { badgeRoutes } from './badge.ts';
import type { ListenerFacts } from './facts.ts';
import { healthRoutes } from './health.ts';
import { historyRoutes } from './history-routes.ts';
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
  const own = [healthRoutes, badgeRoutes, apiRoutes, historyRoutes, metricsRoutes];
  const rooms = [...own.map((of) => of(facts)), page.routes];
  return { routes: new Map(rooms.flatMap((routes) => [...routes])), close: () => page.close() };
}
