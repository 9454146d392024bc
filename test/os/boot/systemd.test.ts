import assert from 'node:assert/strict';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { BootEvidence } from '../../../src/os/boot/evidence.ts';
import { readBootPersistence, type BootPersistence } from '../../../src/os/boot/persistence.ts';
import { BootSystem, NODE_FOLDER, PROGRAM } from '../support/boot-system.ts';

const UNIT = '/etc/systemd/system/pm2-ann.service';
const WANTED = '/etc/systemd/system/multi-user.target.wants/pm2-ann.service';

describe('the systemd unit of PM2', { skip: process.platform === 'win32' }, () => {
  let system: BootSystem;

  beforeEach(() => {
    system = new BootSystem();
    system.dump('web', 'pm2-liveness');
  });

  afterEach(() => system.destroy());

  function startup(facts: Partial<BootEvidence> = {}): Promise<BootPersistence['startup']> {
    return readBootPersistence(system.facts(facts)).then((found) => found.startup);
  }

  test('as PM2 6 and its variant for a network that is up write it', async () => {
    for (const text of [
      system.rendered('systemd', {}, '6'),
      system.rendered('systemd-online', {}, '6'),
      system.rendered('systemd-online'),
    ]) {
      system.unit();
      system.file(UNIT, text);
      assert.deepEqual(await startup(), { state: 'installed', unit: UNIT });
      system.remove('/etc/systemd/system');
    }
  });

  test('counts under any name (--service-name), and from any folder of units', async () => {
    const unit = system.unit('my-apps.service');
    assert.deepEqual(await startup(), { state: 'installed', unit });
    system.remove('/etc/systemd/system/my-apps.service');
    system.file('/usr/lib/systemd/system/my-apps.service', system.rendered('systemd'));
    assert.deepEqual(await startup(), {
      state: 'installed',
      unit: '/usr/lib/systemd/system/my-apps.service',
    });
  });

  test('is not set up while it is not enabled, or is masked', async () => {
    system.unit();
    system.remove(WANTED);
    assert.equal((await startup()).state, 'missing');
    system.unit('other.service', { HOME_PATH: '/home/bob/.pm2' });
    assert.equal((await startup()).state, 'missing');
    system.remove(UNIT);
    system.link(UNIT, '/dev/null');
    system.link(WANTED, UNIT);
    assert.equal((await startup()).state, 'missing');
  });

  test('of another PM2_HOME is not ours, and its name is not taken from it', async () => {
    system.unit('pm2-ann.service', { HOME_PATH: '/srv/other' });
    const { startup: found, fix } = await readBootPersistence(system.facts());
    assert.equal(found.state, 'missing');
    assert.deepEqual(fix, [
      `sudo env PATH=${NODE_FOLDER}:"$PATH" ${PROGRAM} startup systemd -u ann --hp ${system.home} --service-name pm2-ann-ann`,
    ]);
  });

  test('counts where its PM2_HOME is the same folder over a link', async () => {
    symlinkSync(system.home, join(system.root, 'ann'));
    system.unit('pm2-ann.service', { HOME_PATH: join(system.root, 'ann/.pm2') });
    assert.equal((await startup()).state, 'installed');
  });

  test('written by hand without PM2_HOME is for the home of its user', async () => {
    system.unit();
    const lines = ['[Service]', `ExecStart=-${PROGRAM} resurrect`];
    system.file(UNIT, [...lines, 'User=ann'].join('\n'));
    assert.equal((await startup()).state, 'installed');
    assert.equal((await startup({ pm2Home: '/srv/pm2' })).state, 'missing');
    system.file(UNIT, lines.join('\n'));
    assert.equal((await startup()).state, 'missing', 'without User= it is root');
    assert.equal((await startup({ user: 'root' })).state, 'installed');
  });

  test('that starts something else does not count', async () => {
    system.unit();
    system.file(
      UNIT,
      `[Service]\nUser=ann\nEnvironment=PM2_HOME=${system.pm2Home}\nExecStart=/bin/true\n`,
    );
    assert.equal((await startup()).state, 'missing');
  });

  test('would fail at boot where its PM2 or its Node has been taken away since', async () => {
    system.unit();
    system.remove(`${NODE_FOLDER}/node`);
    assert.deepEqual(await startup(), {
      state: 'missing',
      reason: `${UNIT} would fail: there is no node in its PATH`,
    });
    system.remove(PROGRAM);
    assert.deepEqual(await startup(), {
      state: 'missing',
      reason: `${UNIT} would fail: ${PROGRAM} does not exist`,
    });
  });

  const isRoot = process.getuid?.() === 0 && 'root may look everywhere; the boot test plays it';
  test('of a user into whose home we may not look is not ours', { skip: isRoot }, async () => {
    system.unit('pm2-root.service', { HOME_PATH: join(system.folder('/root'), '.pm2') });
    chmodSync(join(system.root, 'root'), 0);
    assert.equal((await startup()).state, 'missing');
  });

  test('is found beside a unit that cannot be read', async () => {
    system.folder('/etc/systemd/system/a-secret.service');
    system.link('/etc/systemd/system/multi-user.target.wants/a-secret.service', '/nowhere');
    system.unit();
    assert.deepEqual(await startup(), { state: 'installed', unit: UNIT });
  });

  test('that cannot be read makes it unknown', async () => {
    system.unit();
    system.remove(UNIT);
    system.folder(UNIT);
    const found = await startup();
    assert.ok(found.state === 'unknown' && /EISDIR/.test(found.reason), JSON.stringify(found));
  });
});
