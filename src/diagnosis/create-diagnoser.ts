import { isNodeInspector } from '../os/node-inspector.ts';
import type { Pm2Client } from '../pm2/client.ts';
import { HangWatch } from './hang/hang-watch.ts';
import { HeapWatch } from './heap/heap-watch.ts';
import { Diagnoser, type DiagnoserDeps } from './diagnose.ts';

/** What a diagnoser takes from the whole monitor. */
interface CreateDiagnoserDeps extends Pick<
  DiagnoserDeps,
  'reader' | 'files' | 'clock' | 'pm2Home' | 'ownPid'
> {
  readonly pm2: Pick<Pm2Client, 'last' | 'pids'>;
}

/** Makes what diagnoses one target of this PM2. */
export function createDiagnoser({
  pm2,
  reader,
  files,
  clock,
  pm2Home,
  ownPid,
}: CreateDiagnoserDeps): Diagnoser {
  return new Diagnoser({
    reader,
    files,
    clock,
    pm2Home,
    ownPid,
    pm2Pids: () => pm2.pids(),
    instances: (name) => pm2.last().filter((each) => each.name === name),
    isInspector: isNodeInspector,
    hang: new HangWatch({ reader, clock, pm2Home }),
    heap: new HeapWatch({ clock, pm2Home }),
  });
}
