import type { BootPersistence } from '../../../os/boot/persistence.ts';
import type { SavedList } from '../../../os/boot/evidence.ts';
import { bad, note, ok, type Check, type Finding } from '../finding.ts';

const START = 'boot';
const SAVED = 'saved list';

/** Does the system start PM2 at boot, and does PM2 then start the apps of now? */
export const boot: Check = ({ boot: facts }) =>
  typeof facts === 'string'
    ? [note(START, `it is not known whether all apps start after a reboot: ${facts}`)]
    : [startOf(facts), ...savedOf(facts)];

function startOf({ startup, fix }: BootPersistence): Finding {
  switch (startup.state) {
    case 'container':
      return note(
        START,
        'this is a container: its start command must start the apps, as `pm2-runtime ecosystem.config.cjs` does',
      );
    case 'installed':
      return ok(START, `PM2 is started at boot (${startup.unit})`);
    case 'missing':
      return bad(START, startup.reason, fix[0] ?? 'pm2 startup');
    case 'unknown':
      return note(
        START,
        `it is not known whether PM2 starts after a reboot: ${startup.reason}`,
        'see "After a reboot" in the README',
      );
  }
}

/** None in a container, where the apps are started from their ecosystem file. */
function savedOf({ startup, saved, fix }: BootPersistence): Finding[] {
  if (startup.state === 'container') return [];
  const save = fix.at(-1) ?? 'pm2 save';
  switch (saved.state) {
    case 'current':
      return [ok(SAVED, 'the saved list has the same apps as PM2 has now')];
    case 'missing':
      return [bad(SAVED, saved.reason, save)];
    case 'stale':
      return [bad(SAVED, differences(saved), save)];
  }
}

function differences(saved: Extract<SavedList, { state: 'stale' }>): string {
  const { missingApps: missing, goneApps: gone, unstartable = [] } = saved;
  return [
    ...(missing.length > 0 ? [`it does not have ${missing.join(', ')}`] : []),
    ...(gone.length > 0 ? [`it still has ${gone.join(', ')}`] : []),
    ...unstartable.map(({ name, reason }) => `PM2 cannot start ${name}: ${reason}`),
  ].join('; ');
}
