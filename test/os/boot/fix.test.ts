import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import type { BootEvidence } from '../../../src/os/boot/evidence.ts';
import { saveLine, secondServiceName, startupLine } from '../../../src/os/boot/fix.ts';

const FACTS: BootEvidence = {
  platform: 'linux',
  user: 'ann',
  home: '/home/ann',
  isRoot: false,
  pm2Home: '/home/ann/.pm2',
  pm2Program: '/srv/app/node_modules/pm2/bin/pm2',
  nodeFolder: '/usr/bin',
  apps: [],
};

describe('the lines that set up the start after a reboot', () => {
  test('are those that PM2 prints, for a user and for root', () => {
    assert.equal(
      startupLine(FACTS, 'systemd'),
      'sudo env PATH=/usr/bin:"$PATH" /srv/app/node_modules/pm2/bin/pm2 startup systemd -u ann --hp /home/ann',
    );
    assert.equal(
      startupLine({ ...FACTS, isRoot: true, user: 'root', pm2Home: '/root/.pm2' }, 'systemd'),
      'env PATH=/usr/bin:"$PATH" /srv/app/node_modules/pm2/bin/pm2 startup systemd -u root --hp /root',
    );
    assert.equal(saveLine(FACTS), '/srv/app/node_modules/pm2/bin/pm2 save');
  });

  test('leave it to PM2 to find an init that we have no name for', () => {
    assert.match(startupLine(FACTS, null), /pm2 startup -u ann --hp \/home\/ann$/);
  });

  test('name a PM2_HOME that --hp, to which PM2 adds .pm2, cannot say', () => {
    const facts = { ...FACTS, pm2Home: '/srv/pm2' };
    assert.match(startupLine(facts, 'systemd'), / PM2_HOME=\/srv\/pm2 \S+ startup systemd -u ann$/);
    assert.match(saveLine(facts), /^PM2_HOME=\/srv\/pm2 /);
    const elsewhere = { ...FACTS, pm2Home: '/srv/x/.pm2' };
    assert.match(startupLine(elsewhere, 'systemd'), / --hp \/srv\/x$/);
    assert.match(saveLine(elsewhere), /^PM2_HOME=\/srv\/x\/.pm2 /);
  });

  test('give the unit of a second PM2_HOME a name of its own', () => {
    assert.equal(secondServiceName({ ...FACTS, pm2Home: '/srv/pm2-b' }), 'pm2-ann-pm2-b');
    assert.equal(secondServiceName({ ...FACTS, pm2Home: '/srv/x y/.pm2' }), 'pm2-ann-xy');
    assert.equal(secondServiceName({ ...FACTS, pm2Home: '/.pm2' }), 'pm2-ann-second');
    assert.match(startupLine(FACTS, 'systemd', 'pm2-ann-b'), / --service-name pm2-ann-b$/);
  });

  test(
    'reach the program as they are meant, whatever the folders are called',
    { skip: process.platform === 'win32' },
    () => {
      const facts: BootEvidence = {
        ...FACTS,
        isRoot: true,
        pm2Home: "/home/o'neill & co/$HOME/.pm2",
        nodeFolder: '/opt/my node',
        // Prints what it was given, in place of PM2.
        pm2Program: 'printf',
      };
      const line = startupLine(facts, 'systemd').replace('printf', 'printf \'%s\\n\' "$PATH"');
      const out = execFileSync('/bin/sh', ['-c', line], {
        encoding: 'utf8',
        env: { PATH: '/usr/bin:/bin' },
      });
      assert.deepEqual(out.trim().split('\n').slice(1), [
        'startup',
        'systemd',
        '-u',
        'ann',
        '--hp',
        "/home/o'neill & co/$HOME",
      ]);
    },
  );
});
