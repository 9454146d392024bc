import type { ListenerFacts } from './facts.ts';
import { CONTENT_TYPES, formatFor } from './metrics/exposition.ts';
import type { ListenerRoutes } from './route.ts';

/** `/metrics`, in the format that the reader asks for. */
export function metricsRoutes(facts: ListenerFacts): ListenerRoutes {
  return new Map([
    [
      '/metrics',
      ({ accept }) => {
        const format = formatFor(accept);
        const headers = { vary: 'accept' };
        return { status: 200, type: CONTENT_TYPES[format], body: facts.metrics(format), headers };
      },
    ],
  ]);
}
