import type { Use } from '../../../os/linux/inotify.ts';
import { bad, note, ok, type Check, type Finding } from '../finding.ts';

const CHECK = 'watchers';
/** Above this share the rest is soon used: a dev server then exits with ENOSPC, or sees no changes. */
const NEARLY_ALL = 0.9;
/** The least that Linux itself sets (inotify(7)), and what Vite and VS Code recommend. */
const LIMITS = {
  watches: { name: 'fs.inotify.max_user_watches', least: 8_192, advised: 524_288 },
  instances: { name: 'fs.inotify.max_user_instances', least: 128, advised: 512 },
} as const;

/** Are there enough file watchers for the dev servers? */
export const watchers: Check = ({ inotify }) => {
  if (inotify === null) return [note(CHECK, 'this system has no such limit, or does not show it')];
  const { watches, instances } = inotify;
  const found = [...findingOf('watches', watches), ...findingOf('instances', instances)];
  return found.length > 0
    ? found
    : [
        ok(
          CHECK,
          `${watches.used} of ${watches.limit} watches, ${instances.used} of ${instances.limit} instances`,
        ),
      ];
};

function findingOf(kind: keyof typeof LIMITS, { used, limit }: Use): Finding[] {
  const { name, least, advised } = LIMITS[kind];
  if (limit >= least && used < NEARLY_ALL * limit) return [];
  const more = Math.max(advised, 2 * limit);
  return [
    bad(
      CHECK,
      `${used} of ${limit} ${kind} are used (${name})`,
      `echo ${name}=${more} | sudo tee -a /etc/sysctl.d/60-watchers.conf && sudo sysctl --system`,
    ),
  ];
}
