import type { HeapFacts } from '../../agent/shapes.ts';
import { megabytes } from '../../text/megabytes.ts';

const MOST_NAMED = 4;

/** What fills the heap of an app: one sentence, then its snapshot or why something is missing. */
export function heapLines({
  usedBytes,
  externalBytes,
  objects,
  file,
  note,
}: HeapFacts): readonly string[] {
  const named = objects
    .slice(0, MOST_NAMED)
    .map(({ name, count }) => `${count.toLocaleString('en')} ${name}`);
  const outside =
    externalBytes === null ? '' : `, and ${megabytes(externalBytes)} outside of it (buffers)`;
  const most = named.length === 0 ? '' : `; most of its objects: ${named.join(', ')}`;
  return [
    `its heap uses ${megabytes(usedBytes)}${outside}${most}`,
    ...(file === null ? [] : [`heap snapshot: ${file}`]),
    ...(note === null ? [] : [note]),
  ];
}
