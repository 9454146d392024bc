import { apiRoutes } from './api.ts';
import { badgeRoutes } from './badge.ts';
import type { ListenerFacts } from './facts.ts';
import { healthRoutes } from './health.ts';
import { metricsRoutes } from './metrics-routes.ts';
import type { ListenerRoutes } from './route.ts';

/** All that can be asked for. */
export function routesOf(facts: ListenerFacts): ListenerRoutes {
  const rooms = [healthRoutes(facts), badgeRoutes(facts), apiRoutes(facts), metricsRoutes(facts)];
  return new Map(rooms.flatMap((routes) => [...routes]));
}
