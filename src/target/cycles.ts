/** What each node leads to; a node that leads nowhere may be left out. */
export type Edges = ReadonlyMap<string, readonly string[]>;

/** The nodes from which there is a way back to themselves, each with the number of its knot. */
export function knotsOf(edges: Edges): ReadonlyMap<string, number> {
  const knots = new Map<string, number>();
  for (const [number, component] of componentsOf(edges).entries()) {
    const [first] = component;
    if (first === undefined) continue;
    const isKnot = component.length > 1 || edges.get(first)?.includes(first) === true;
    if (isKnot) for (const node of component) knots.set(node, number);
  }
  return knots;
}

/** The shortest way from a node of a knot back to itself: `a`, `b`, `a`. */
export function cycleThrough(
  start: string,
  edges: Edges,
  knots: ReadonlyMap<string, number>,
): readonly string[] {
  const knot = knots.get(start);
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const next of edges.get(node) ?? []) {
      if (knots.get(next) !== knot) continue;
      if (next === start) return [...wayTo(node, start, cameFrom), start];
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return [start];
}

function wayTo(end: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [end];
  for (let node = end; node !== start;) {
    node = cameFrom.get(node) ?? start;
    way.unshift(node);
  }
  return way;
}

/** One visit of a node, and how far its edges are followed. */
interface Visit {
  readonly node: string;
  next: number;
}

/** Tarjan's strongly connected components, without recursion: a chain may be thousands long. */
function componentsOf(edges: Edges): readonly (readonly string[])[] {
  const components: string[][] = [];
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const enter = (node: string, visits: Visit[]): void => {
    order.set(node, order.size);
    low.set(node, order.size - 1);
    stack.push(node);
    onStack.add(node);
    visits.push({ node, next: 0 });
  };
  const lower = (node: string, to: number): void => {
    low.set(node, Math.min(low.get(node) ?? to, to));
  };
  for (const root of edges.keys()) {
    if (order.has(root)) continue;
    const visits: Visit[] = [];
    enter(root, visits);
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const { node } = visit;
      const to = edges.get(node)?.[visit.next];
      visit.next += 1;
      if (to !== undefined) {
        if (!order.has(to)) enter(to, visits);
        else if (onStack.has(to)) lower(node, order.get(to) ?? 0);
        continue;
      }
      visits.pop();
      const parent = visits.at(-1);
      if (parent !== undefined) lower(parent.node, low.get(node) ?? 0);
      if (low.get(node) === order.get(node)) components.push(takeDown(node, stack, onStack));
    }
  }
  return components;
}

function takeDown(node: string, stack: string[], onStack: Set<string>): string[] {
  const component = stack.splice(stack.lastIndexOf(node));
  for (const each of component) onStack.delete(each);
  return component;
}
