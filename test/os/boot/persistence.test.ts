import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { readBootPersistence } from '../../../src/os/boot/persistence.ts';
import { BootSystem, NODE_FOLDER, PROGRAM } from '../support/boot-system.ts';

describe('after a reboot', { skip: process.platform === 'win32' }, () => {
  let system: BootSystem;

  beforeEach(() => {
    system = new BootSystem();
  });

  afterEach(() => system.destroy());

  test('all comes back with an enabled unit and a list that is that of now', async () => {
    const unit = system.unit();
    system.dump('pm2-liveness', 'web');
    assert.deepEqual(await readBootPersistence(system.facts()), {
      startup: { state: 'installed', unit },
      saved: { state: 'current' },
      fix: [],
    });
  });

  test('nothing comes back where neither is: two lines set it up, in their order', async () => {
    system.folder('/run/systemd/system');
    const { startup, saved, fix } = await readBootPersistence(system.facts());
    assert.deepEqual(startup, {
      state: 'missing',
      reason: `no enabled systemd unit starts PM2 for ${system.pm2Home}`,
    });
    assert.deepEqual(saved, {
      state: 'missing',
      reason: `${join(system.pm2Home, 'dump.pm2')} does not exist`,
    });
    assert.deepEqual(fix, [
      `sudo env PATH=${NODE_FOLDER}:"$PATH" ${PROGRAM} startup systemd -u ann --hp ${system.home}`,
      `${PROGRAM} save`,
    ]);
  });

  test('nothing is to be set up where PM2 is what a container starts', async () => {
    const { startup, fix } = await readBootPersistence(system.facts({ isContainerStart: true }));
    assert.deepEqual([startup, fix], [{ state: 'container' }, []]);
    system.folder('/run/systemd/system');
    const booted = await readBootPersistence(system.facts({ isContainerStart: true }));
    assert.equal(booted.startup.state, 'missing');
  });

  test('with a unit and a stale list, saving is all there is to do', async () => {
    system.unit();
    system.dump('web', 'old');
    const { saved, fix } = await readBootPersistence(system.facts({ apps: ['web', 'web', 'api'] }));
    assert.deepEqual(saved, { state: 'stale', missingApps: ['api', 'web'], goneApps: ['old'] });
    assert.deepEqual(fix, [`${PROGRAM} save`]);
  });

  test('a list of more instances than run now is stale as well', async () => {
    system.dump('web', 'web');
    const { saved } = await readBootPersistence(system.facts({ apps: ['web'] }));
    assert.deepEqual(saved, { state: 'stale', missingApps: [], goneApps: ['web'] });
  });

  test('what PM2 could not start is not to be forgotten by saving', async () => {
    system.unit();
    const cwd = system.folder('/srv/here');
    const gone = `${cwd}/gone`;
    const apps = [
      { name: 'web', pm_cwd: gone },
      { name: 'lost', pm_cwd: gone },
      { name: 'deleted', pm_cwd: cwd },
    ];
    system.file('/home/ann/.pm2/dump.pm2', JSON.stringify(apps));
    const { saved, fix } = await readBootPersistence(system.facts({ apps: ['web'] }));
    assert.deepEqual(saved, {
      state: 'stale',
      missingApps: [],
      goneApps: ['deleted', 'lost'],
      unstartable: [{ name: 'lost', reason: `its folder ${gone} is missing` }],
    });
    assert.match(
      fix.join(),
      new RegExp(`^${PROGRAM} resurrect # after you have brought it back; .*${PROGRAM} save$`),
    );
  });

  for (const [what, text] of [
    ['empty', ''],
    ['torn', '[{"name":"web"'],
    ['not a list', '{"name":"web"}'],
  ] as const) {
    test(`a saved list that is ${what} is none`, async () => {
      system.file('/home/ann/.pm2/dump.pm2', text);
      const { saved, fix } = await readBootPersistence(system.facts());
      assert.equal(saved.state, 'missing');
      assert.equal(fix.at(-1), `${PROGRAM} save`);
    });
  }

  test('a saved list that may not be read is an error, not a missing one', async () => {
    system.folder('/home/ann/.pm2/dump.pm2');
    await assert.rejects(readBootPersistence(system.facts()), { code: 'EISDIR' });
  });

  test('on Windows no certain no is given, because a service of another name is not looked at', async () => {
    const facts = system.facts({ platform: 'win32', run: async () => null });
    const { startup, fix } = await readBootPersistence(facts);
    assert.equal(startup.state, 'unknown');
    assert.match(JSON.stringify(startup), /no service and no task pm2.*service install/);
    assert.deepEqual(fix, ['npx pm2 save']);
  });
});
