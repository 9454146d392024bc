import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { BootEvidence } from '../../../src/os/boot/evidence.ts';
import { readBootPersistence, type BootPersistence } from '../../../src/os/boot/persistence.ts';
import { BootSystem, PROGRAM } from '../support/boot-system.ts';

describe('where no systemd runs', { skip: process.platform === 'win32' }, () => {
  let system: BootSystem;

  beforeEach(() => {
    system = new BootSystem();
  });

  afterEach(() => system.destroy());

  function look(facts: Partial<BootEvidence> = {}): Promise<BootPersistence> {
    return readBootPersistence(system.facts(facts));
  }

  test('a container has no start-up to speak of, though a unit lies about', async () => {
    system.unit();
    system.remove('/run/systemd');
    const { startup, fix } = await look();
    assert.equal(startup.state, 'unknown');
    assert.deepEqual(fix, [`${PROGRAM} save`]);
  });

  test('OpenRC: the script of this user, enabled in a run level', async () => {
    system.folder('/run/openrc');
    const { startup, fix } = await look();
    assert.equal(startup.state, 'missing');
    assert.match(fix[0] ?? '', / startup openrc -u ann --hp /);
    system.file('/etc/init.d/pm2', system.rendered('openrc'));
    assert.equal((await look()).startup.state, 'missing');
    system.link('/etc/runlevels/default/pm2', '/etc/init.d/pm2');
    assert.deepEqual((await look()).startup, { state: 'installed', unit: '/etc/init.d/pm2' });
    assert.equal((await look({ user: 'bob' })).startup.state, 'missing');
    assert.equal((await look({ pm2Home: '/srv/pm2' })).startup.state, 'missing');
  });

  test('System V: the script of this user, linked for a run level', async () => {
    system.file('/etc/init.d/pm2-ann', system.rendered('upstart'));
    assert.deepEqual((await look()).startup, {
      state: 'missing',
      reason: '/etc/init.d/pm2-ann exists, but is not enabled',
    });
    system.link('/etc/rc2.d/K01pm2-ann', '../init.d/pm2-ann');
    assert.equal((await look()).startup.state, 'missing');
    system.link('/etc/rc3.d/S01pm2-ann', '../init.d/pm2-ann');
    assert.deepEqual((await look()).startup, { state: 'installed', unit: '/etc/init.d/pm2-ann' });
    assert.equal((await look({ pm2Home: '/srv/pm2' })).startup.state, 'unknown');
  });

  test('FreeBSD: the script of this user, switched on in rc.conf', async () => {
    const facts = { platform: 'freebsd' } as const;
    system.file('/usr/local/etc/rc.d/pm2_ann', system.rendered('rcd'));
    system.file('/etc/rc.conf', 'pm2_annabel_enable="YES"\npm2_ann_enable="NO"\n');
    assert.equal((await look(facts)).startup.state, 'missing');
    system.file('/etc/rc.conf', 'sshd_enable="YES"\npm2_ann_enable="YES"\n');
    assert.equal((await look(facts)).startup.state, 'installed');
  });

  test('macOS: a property list of this user, in any folder that launchd reads', async () => {
    const facts = { platform: 'darwin', home: '/Users/ann' } as const;
    const { startup, fix } = await look(facts);
    assert.deepEqual(startup, {
      state: 'missing',
      reason: `launchd has no pm2.ann.plist for ${system.pm2Home}`,
    });
    assert.match(fix[0] ?? '', / startup launchd -u ann --hp /);
    for (const folder of ['/Users/ann/Library/LaunchAgents', '/Library/LaunchDaemons']) {
      const unit = `${folder}/pm2.ann.plist`;
      system.file(unit, system.rendered('launchd'));
      assert.deepEqual((await look(facts)).startup, { state: 'installed', unit });
      assert.equal((await look({ ...facts, pm2Home: '/srv/pm2' })).startup.state, 'missing');
      system.remove(unit);
    }
  });

  test('what PM2 or we know nothing of is unknown', async () => {
    const { startup } = await look({ platform: 'sunos' });
    assert.deepEqual(startup, {
      state: 'unknown',
      reason: 'pm2-liveness cannot find out what sunos starts at boot',
    });
  });
});
