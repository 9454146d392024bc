import { Session, type Profiler } from 'node:inspector/promises';
import type { Spent } from './measure.ts';

/** Starts a CPU profile, and returns the function that ends it. */
export async function profile(): Promise<() => Promise<Spent[]>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  return async () => {
    const { profile: taken } = await session.post('Profiler.stop');
    session.disconnect();
    return sharesOf(taken);
  };
}

/** The busy time by where it was spent; idle time is left out. */
function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Spent[] {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const spent = new Map<string, number>();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const [where, us] = [places.get(id) ?? 'idle', timeDeltas[index] ?? 0];
    if (where === 'idle') continue;
    total += us;
    spent.set(where, (spent.get(where) ?? 0) + us);
  }
  return [...spent]
    .map(([where, us]) => ({ where, share: us / total }))
    .toSorted((a, b) => b.share - a.share);
}

/** What a function belongs to. */
function placeOf({ url, functionName }: Profiler.Profile['nodes'][number]['callFrame']): string {
  if (functionName === '(idle)') return 'idle';
  if (functionName === '(garbage collector)') return 'garbage collection';
  const own = /\/dist\/(\w+)\//.exec(url)?.[1];
  if (own !== undefined) return `src/${own}`;
  const builtin = /^node:(?:internal\/)?(\w+)/.exec(url)?.[1];
  if (builtin !== undefined) return NAMES[builtin] ?? 'the rest of Node';
  if (url === '') return "Node's native parts, system calls among them";
  return url.includes('/node_modules/') ? 'packages' : 'the benchmark itself';
}

/** Joins places under one name. */
const NAMES: Readonly<Record<string, string>> = {
  _http_client: "Node's http",
  _http_common: "Node's http",
  _http_incoming: "Node's http",
  _http_outgoing: "Node's http",
  _http_agent: "Node's http",
  http: "Node's http",
  net: "Node's net and streams",
  streams: "Node's net and streams",
  stream_base_commons: "Node's net and streams",
  stream: "Node's net and streams",
  timers: "Node's timers and ticks",
  process: "Node's timers and ticks",
  async_hooks: "Node's timers and ticks",
  url: "Node's url",
  events: "Node's events",
};
