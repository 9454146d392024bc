import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { unitName, unitsOf, type GuardedHome } from '../../../src/cli/guard/units.ts';

const ANN: GuardedHome = {
  user: 'ann',
  home: '/home/ann',
  pm2Home: '/home/ann/.pm2',
  node: '/usr/bin/node',
  program: '/srv/app/node_modules/pm2-liveness/dist/cli/main.js',
  searchPath: '/usr/local/bin:/usr/bin',
  isUserUnit: false,
};

/** What a person may have put into a path. */
const ODD: GuardedHome = {
  ...ANN,
  home: '/home/ann b',
  pm2Home: '/data/my "pm2" 100%\\x $HOME',
  node: '/opt/node 22/bin/node',
  program: '/srv/$app/100%/dist/cli/main.js',
};

const ANALYZE = '/usr/bin/systemd-analyze';

describe('the name of the units', () => {
  test('is that of the user, and another one for each other PM2_HOME', () => {
    assert.equal(unitName(ANN), 'pm2-liveness-guard-ann');
    const others = ['/srv/pm2', '/data/pm2', '/data/p m2', '/'].map((pm2Home) =>
      unitName({ ...ANN, pm2Home }),
    );
    assert.equal(new Set(others).size, 4);
    for (const name of others) assert.match(name, /^pm2-liveness-guard-ann-[\w-]*[0-9a-f]{8}$/);
  });

  test('has no sign that systemd reads as something else', () => {
    assert.match(unitName({ ...ANN, user: 'DOM\\ann@x y' }), /^[\w.-]+$/);
    assert.match(unitName(ODD), /^[\w.-]+$/);
  });
});

describe('the units', () => {
  const textOf = (guarded: GuardedHome, ending: string): string =>
    unitsOf(guarded).find(({ name }) => name.endsWith(ending))?.text ?? '';

  test('look every minute, and 65 s after the boot', () => {
    assert.deepEqual(textOf(ANN, '.timer').match(/^On.*$/gm), [
      'OnBootSec=65s',
      'OnUnitActiveSec=1min',
      'OnActiveSec=10s',
    ]);
  });

  test('run as the owner of PM2_HOME, and the look hands the start over', () => {
    const look = textOf(ANN, 'ann.service');
    assert.match(look, /^User=ann$/m);
    assert.match(look, /^Environment="HOME=\/home\/ann" "PM2_HOME=\/home\/ann\/\.pm2"$/m);
    assert.match(look, /^OnFailure=pm2-liveness-guard-ann-start\.service$/m);
    assert.match(look, / guard run --hand-over$/m);
    assert.match(look, /^NoNewPrivileges=yes$/m);
    const start = textOf(ANN, '-start.service');
    assert.match(start, /^KillMode=process$/m);
    assert.match(start, / guard run$/m);
    // What PM2 starts has these limits too.
    assert.doesNotMatch(start, /^(?:NoNewPrivileges|Restrict|Lock|UMask|Nice)/m);
  });

  test('of the user manager name no user: it cannot become another one', () => {
    for (const { text } of unitsOf({ ...ANN, isUserUnit: true })) {
      assert.doesNotMatch(text, /^User=/m);
    }
  });

  test('have each odd sign of a path as systemd wants it', () => {
    const start = textOf(ODD, '-start.service');
    assert.ok(
      start.includes(
        'Environment="HOME=/home/ann b" "PM2_HOME=/data/my \\"pm2\\" 100%%\\\\x $HOME"\n',
      ),
      start,
    );
    assert.ok(
      start.includes(
        'ExecStart="/opt/node 22/bin/node" "/srv/$$app/100%%/dist/cli/main.js" guard run\n',
      ),
      start,
    );
    const money = textOf({ ...ODD, node: '/opt/no$de/bin/node' }, '-start.service');
    assert.ok(money.includes('ExecStart="/opt/no$de/bin/node" "/srv/$$app/'), money);
  });

  for (const [what, guarded] of [
    ['usual', { ...ANN, node: process.execPath, user: 'root', program: import.meta.filename }],
    ['odd', { ...ODD, node: process.execPath, user: 'root', program: import.meta.filename }],
  ] as const) {
    test(`of ${what} paths are what systemd takes`, { skip: !existsSync(ANALYZE) }, () => {
      const dir = mkdtempSync(join(tmpdir(), 'pl-units-'));
      try {
        const files = unitsOf(guarded).map(({ name, text }) => {
          writeFileSync(join(dir, name), text);
          return join(dir, name);
        });
        execFileSync(ANALYZE, ['verify', '--man=no', ...files], { stdio: 'pipe' });
      } finally {
        rmSync(dir, { recursive: true });
      }
    });
  }
});
