import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stepText, type Plan, type Refusal } from '../../../src/cli/service/plan.ts';
import { posixInstall, posixUninstall, type PosixFacts } from '../../../src/cli/service/posix.ts';
import { posixState } from '../../../src/cli/service/state.ts';
import type { BootPersistence } from '../../../src/os/boot/persistence.ts';

const START = 'sudo env PATH=/usr/bin:"$PATH" /srv/pm2 startup systemd -u ann --hp /home/ann';
const SAVE = '/srv/pm2 save';
const UNIT = '/etc/systemd/system/pm2-ann.service';

const MISSING: BootPersistence = {
  startup: { state: 'missing', reason: 'no enabled systemd unit starts PM2' },
  saved: { state: 'missing', reason: 'there is no dump.pm2' },
  fix: [START, SAVE],
};
const INSTALLED: BootPersistence = {
  startup: { state: 'installed', unit: UNIT },
  saved: { state: 'current' },
  fix: [],
};

const factsOf = (boot: BootPersistence, more: Partial<PosixFacts> = {}): PosixFacts => ({
  platform: 'linux',
  isRoot: false,
  boot,
  isPm2Running: true,
  ...more,
});

function planOf(plan: Plan | Refusal | null): Plan {
  assert.ok(plan !== null && 'steps' in plan, JSON.stringify(plan));
  return plan;
}

const linesOf = (plan: Plan | Refusal | null): readonly string[] =>
  planOf(plan).steps.map(stepText);

describe('service install', () => {
  test('runs the lines that doctor shows', () => {
    assert.deepEqual(linesOf(posixInstall(factsOf(MISSING))), [START, SAVE]);
    const stale: BootPersistence = {
      ...INSTALLED,
      saved: { state: 'stale', missingApps: ['web'], goneApps: [] },
      fix: [SAVE],
    };
    assert.deepEqual(linesOf(posixInstall(factsOf(stale))), [SAVE]);
    assert.equal(posixInstall(factsOf(INSTALLED)), null);
  });

  test('saves nothing where PM2 does not run: that would forget all apps', () => {
    const plan = planOf(posixInstall(factsOf(MISSING, { isPm2Running: false })));
    assert.deepEqual(plan.steps.map(stepText), [START]);
    assert.match(plan.done.join('\n'), /left as it is\. Later: \/srv\/pm2 save/);
  });

  test('saves nothing where PM2 could not start a saved app', () => {
    const goneApps = ['lost'];
    const unstartable = [{ name: 'lost', reason: 'its folder is missing' }];
    const lost: BootPersistence = {
      startup: MISSING.startup,
      saved: { state: 'stale', missingApps: [], goneApps, unstartable },
      fix: [START, '/srv/pm2 resurrect # after'],
    };
    assert.deepEqual(linesOf(posixInstall(factsOf(lost))), [START]);
    const only = posixInstall(factsOf({ ...lost, startup: INSTALLED.startup, fix: ['x # after'] }));
    assert.ok(only !== null && 'refusal' in only);
  });

  test('is refused where nobody knows what boots, and in a container', () => {
    for (const startup of [
      { state: 'unknown', reason: 'neither systemd nor OpenRC runs here' },
      { state: 'container' },
    ] as const) {
      const plan = posixInstall(factsOf({ ...MISSING, startup }));
      assert.ok(plan !== null && 'refusal' in plan, startup.state);
    }
  });
});

describe('service uninstall', () => {
  test('of a unit of systemd stops nothing', () => {
    assert.deepEqual(linesOf(posixUninstall(factsOf(INSTALLED))), [
      'sudo systemctl disable pm2-ann.service',
      `sudo rm -f ${UNIT}`,
      'sudo systemctl daemon-reload',
    ]);
    const asRoot = linesOf(posixUninstall(factsOf(INSTALLED, { isRoot: true })));
    assert.equal(asRoot[0], 'systemctl disable pm2-ann.service');
  });

  test('of a property list of macOS', () => {
    const unit = '/Users/ann b/Library/LaunchAgents/pm2.ann.plist';
    const boot: BootPersistence = { ...INSTALLED, startup: { state: 'installed', unit } };
    assert.deepEqual(linesOf(posixUninstall(factsOf(boot, { platform: 'darwin' }))), [
      `rm -f '${unit}'`,
    ]);
    const daemon = '/Library/LaunchDaemons/pm2.ann.plist';
    const forAll: BootPersistence = {
      ...INSTALLED,
      startup: { state: 'installed', unit: daemon },
    };
    const line = linesOf(posixUninstall(factsOf(forAll, { platform: 'darwin' })));
    assert.deepEqual(line, [`sudo rm -f ${daemon}`]);
  });

  test('of what another package wrote is left to a person, and of nothing is nothing', () => {
    const startup = { state: 'installed', unit: '/usr/lib/systemd/system/pm2.service' } as const;
    const plan = posixUninstall(factsOf({ ...INSTALLED, startup }));
    assert.ok(plan !== null && 'refusal' in plan);
    assert.equal(posixUninstall(factsOf(MISSING)), null);
  });
});

test('a launch agent starts at login, a daemon at boot', () => {
  const at = (unit: string): string | null =>
    posixState({ state: 'installed', unit }, 'darwin').starts.at;
  assert.equal(at('/Users/ann/Library/LaunchAgents/pm2.ann.plist'), 'login');
  assert.equal(at('/Library/LaunchDaemons/pm2.ann.plist'), 'boot');
  assert.deepEqual(posixState(MISSING.startup, 'linux').starts, { at: null, isKnown: true });
  const unknown = posixState({ state: 'unknown', reason: 'x' }, 'linux');
  assert.equal(unknown.starts.isKnown, false);
  assert.equal(posixState({ state: 'container' }, 'linux').starts.at, 'boot');
});
