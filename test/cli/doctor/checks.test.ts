import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { examine } from '../../../src/cli/doctor/checks.ts';
import type { AppFacts, DoctorFacts, PortUse } from '../../../src/cli/doctor/facts.ts';
import { findingLines } from '../../../src/cli/doctor/finding-lines.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { FakeIo } from '../io.ts';
import { app, facts, listed, STATUS } from './facts.ts';

/** All that is not well. */
function found(change: Partial<DoctorFacts>): readonly Finding[] {
  return examine(facts(change)).filter(({ state }) => state !== 'ok');
}

interface Planted {
  readonly fault: string;
  readonly change: Partial<DoctorFacts>;
  readonly wanted: Finding;
}

function bad(check: string, what: string, fix: string): Finding {
  return { check, state: 'bad', what, fix };
}

function note(check: string, what: string): Finding {
  return { check, state: 'note', what, fix: null };
}

/** The one app, whose port is used like that. */
function port(change: Partial<PortUse>): Partial<DoctorFacts> {
  const usual = app().port;
  assert.ok(usual !== null);
  return { apps: [app({ port: { ...usual, ...change } })] };
}

/** As far as the checks look at a target of the status document. */
function target(change: Partial<StatusDocumentTarget>): StatusDocumentTarget {
  const known = { name: 'web', pmId: 1, instance: 0, ...change };
  return known as StatusDocumentTarget; // no check reads the rest
}

const nobody = { holder: { kind: 'accepted' }, isHeld: false, ownAddresses: [] } as const;
const elsewhere = { kind: 'elsewhere', detail: 'on the other address' } as const;
const save = 'pm2 save';
const npm = { wrapper: { program: 'npm', command: 'vite --host' } } as const;

/** Of an app that is watched. */
const WATCHED = { env_liveness: { tcp: '127.0.0.1:1' } };

const PLANTED: readonly Planted[] = [
  {
    fault: 'a daemon that is too old',
    change: { pm2Version: '5.4.3' },
    wanted: bad(
      'PM2',
      'the daemon has version 5.4.3; pm2-liveness is tested with 6 and later',
      'npm install -g pm2@latest && pm2 update',
    ),
  },
  {
    fault: 'a check that tells nothing',
    change: {
      status: {
        ...STATUS,
        targets: [target({ unknown: { cause: 'check', detail: 'exec: ask was not found' } })],
      },
    },
    wanted: bad(
      'answers',
      'web: its state is unknown, the check itself gives no result: exec: ask was not found',
      'fix that, then run: pm2-liveness check web',
    ),
  },
  {
    fault: 'another app of this PM2 on the port, which is not to be killed',
    change: port({
      holder: { kind: 'stranger', detail: 'port 5173 is held by process 77 (api)' },
      others: [77],
      neighbours: [{ pid: 77, app: { name: 'api', pmId: 3 } }],
    }),
    wanted: bad(
      'port',
      'web: port 5173 is held by process 77 (api)',
      "stop api, which this PM2 runs too (pm2 stop 3), or give the app another port; if it answers for the app on purpose: portOwner: 'any'",
    ),
  },
  {
    fault: 'another app on the port, whose id is the name of a third one (issue 13, 22)',
    change: {
      apps: [
        app({
          port: {
            port: 5173,
            addresses: ['127.0.0.1'],
            holder: { kind: 'stranger', detail: 'port 5173 is held by process 77 (all)' },
            isHeld: true,
            others: [77],
            neighbours: [{ pid: 77, app: { name: 'all', pmId: 3 } }],
            ownAddresses: [],
            otherPorts: [],
          },
        }),
        { ...app({ config: null, port: null, isVite: false }), process: listed('3', 5, WATCHED) },
      ],
    },
    wanted: bad(
      'port',
      'web: port 5173 is held by process 77 (all)',
      "stop all, which this PM2 runs too (pm2 stop '/^all$/'), or give the app another port; if it answers for the app on purpose: portOwner: 'any'",
    ),
  },
  {
    fault: 'a monitor that was stopped, whose id is the name of an app',
    change: {
      status: null,
      monitors: [listed('pm2-liveness', 4, { status: 'stopped' })],
      apps: [
        app(),
        { ...app({ config: null, port: null, isVite: false }), process: listed('4', 5, WATCHED) },
      ],
    },
    wanted: bad('monitor', 'pm2-liveness (pm_id 4) is stopped in PM2', 'pm2 restart pm2-liveness'),
  },
  {
    fault: 'a monitor that answers badly',
    change: { status: null, statusReason: 'the monitor at s answered 500: boom' },
    wanted: bad(
      'monitor',
      'the monitor at s answered 500: boom',
      'see pm2 logs pm2-liveness; pm2 restart 0',
    ),
  },
  {
    fault: 'no ps in the PATH of the daemon',
    change: { isPsMissing: true },
    wanted: bad(
      'ps',
      'the program ps is not in the PATH of the PM2 daemon, which needs it to stop process trees',
      'sudo apt-get install procps (or the package that has ps on your system); if ps is installed: pm2 update in a shell that finds it',
    ),
  },
  {
    fault: 'no monitor',
    change: { status: null, monitors: [] },
    wanted: bad(
      'monitor',
      'PM2 runs no monitor, so nothing is watched',
      'pm2-liveness init (adds it to the ecosystem file), then pm2 start ecosystem.config.cjs',
    ),
  },
  {
    fault: 'a monitor that was stopped',
    change: { status: null, monitors: [listed('pm2-liveness', 4, { status: 'stopped' })] },
    wanted: bad('monitor', 'pm2-liveness (pm_id 4) is stopped in PM2', 'pm2 restart 4'),
  },
  {
    fault: 'a monitor that hangs',
    change: { status: null },
    wanted: bad('monitor', 'pm2-liveness (pm_id 0) does not answer', 'pm2 logs pm2-liveness'),
  },
  {
    fault: 'a monitor without a disk',
    change: {
      status: {
        ...STATUS,
        monitor: { ...STATUS.monitor, history: { isKept: false, why: 'the disk is full' } },
      },
    },
    wanted: bad(
      'monitor',
      'history is not saved on disk: the disk is full',
      'see pm2 logs pm2-liveness; "Settings of the monitor" in docs/SETTINGS.md',
    ),
  },
  {
    fault: 'a monitor both as app and as module',
    change: {
      monitors: [listed('pm2-liveness', 0), listed('pm2-liveness', 3, { pmx_module: true })],
    },
    wanted: bad(
      'one monitor',
      'pm2-liveness is in PM2 twice, as an app and as a module; pm2 restart pm2-liveness restarts both. pm2-liveness (pm_id 0) leads, pm2-liveness (pm_id 3) stands by',
      'pm2 delete 0 (the app) or pm2 uninstall pm2-liveness (the module), then pm2 save',
    ),
  },
  {
    fault: 'no block at all',
    change: { apps: [app({ config: null, port: null }, { env_liveness: undefined })] },
    wanted: bad(
      'settings',
      'no app has an env_liveness block, so nothing is watched',
      'pm2-liveness init (adds one), then pm2 restart ecosystem.config.cjs; or pm2-liveness watch (needs no file, restarts nothing)',
    ),
  },
  {
    fault: 'an app that nobody watches',
    change: {
      apps: [
        app(),
        { ...app({ config: null, port: null, isVite: false }), process: listed('api', 5) },
      ],
    },
    wanted: {
      check: 'unwatched',
      state: 'note',
      what: 'nobody watches api',
      fix: 'npx pm2-liveness watch',
    },
  },
  {
    fault: 'a block that cannot be used',
    change: {
      apps: [app({ port: null }, { env_liveness: { http: 'http://127.0.0.1:3000/', period: 5 } })],
    },
    wanted: bad(
      'settings',
      "web: env_liveness.period got 5; write '5s' or '5ms'",
      'correct it in the ecosystem file, then pm2 restart ecosystem.config.cjs',
    ),
  },
  {
    fault: 'a stranger on the port',
    change: port({
      holder: { kind: 'stranger', detail: 'port 5173 is held by nginx' },
      others: [77],
    }),
    wanted: bad(
      'port',
      'web: port 5173 is held by nginx',
      "stop it (kill 77) or give the app another port; if it answers for the app on purpose: portOwner: 'any'",
    ),
  },
  {
    fault: 'a port of which it cannot be told whose it is',
    change: port({ holder: { kind: 'accepted', doubt: 'it is another machine’s' } }),
    wanted: note('port', 'web: it is not known who answers: it is another machine’s'),
  },
  {
    fault: 'somebody else at the other address',
    change: port({ holder: { kind: 'beside', at: ['::1'], detail: 'asked at ::1 only: …' } }),
    wanted: note('port', 'web: asked at ::1 only: …'),
  },
  {
    fault: 'an old process on the port',
    change: port({
      holder: { kind: 'orphan', detail: 'port 5173 is held by an old process of web', lives: [] },
      others: [77],
    }),
    wanted: bad(
      'port',
      'web: port 5173 is held by an old process of web',
      'kill 77 (the monitor does it, unless reapOrphans is false)',
    ),
  },
  {
    fault: 'an app that drifted to the next port',
    change: port({ holder: { kind: 'drifted', detail: 'web listens on port 5174, not on 5173' } }),
    wanted: bad(
      'port',
      'web listens on port 5174, not on 5173',
      'write the same port in its arguments and in its env_liveness block, and --strictPort for Vite',
    ),
  },
  {
    fault: 'an app on quite another port',
    change: port({ ...nobody, otherPorts: [8080] }),
    wanted: bad(
      'port',
      'web: nobody listens on port 5173; the app listens on 8080',
      'write the same port in its arguments and in its env_liveness block, and --strictPort for Vite',
    ),
  },
  {
    fault: 'a port that nobody has',
    change: port(nobody),
    wanted: bad(
      'port',
      'web: nobody listens on port 5173',
      'see its log (pm2 logs), or correct the port in its block',
    ),
  },
  {
    fault: 'an app on ::1 that is probed at 127.0.0.1',
    change: port({ holder: elsewhere, ownAddresses: ['::1'] }),
    wanted: bad(
      'address',
      'web is probed at 127.0.0.1, but listens on port 5173 of ::1 only',
      'write [::1]:5173 in its env_liveness block (localhost probes both), or start Vite with --host 127.0.0.1',
    ),
  },
  {
    fault: 'an app on 127.0.0.1 that is probed at ::1',
    change: port({ holder: elsewhere, addresses: ['::1'] }),
    wanted: bad(
      'address',
      'web is probed at ::1, but listens on port 5173 of 127.0.0.1 only',
      'write 127.0.0.1:5173 in its env_liveness block (localhost probes both), or start Vite with --host ::1',
    ),
  },
  {
    fault: 'a Vite without --strictPort',
    change: { apps: [app({}, { args: ['--port', '5173'] })] },
    wanted: bad(
      'strictPort',
      'web: Vite uses another port, without a message, when its own is taken',
      'add --strictPort to its args',
    ),
  },
  {
    fault: 'a framework on top of Vite without strictPort',
    change: { apps: [app({}, { args: [], pm_exec_path: '/srv/app/node_modules/.bin/astro' })] },
    wanted: bad(
      'strictPort',
      'web: Vite uses another port, without a message, when its own is taken',
      'write server: { strictPort: true } in its vite.config',
    ),
  },
  {
    fault: 'npm in front of Vite',
    change: { apps: [app(npm)] },
    wanted: bad(
      'wrapper',
      "web: PM2 runs npm, which runs 'vite --host'; when it is killed, the app keeps running on its port",
      "script: 'node_modules/vite/bin/vite.js', args: '--host --strictPort' (and its port)",
    ),
  },
  {
    fault: 'a memory limit on npm',
    change: {
      apps: [
        app(
          { wrapper: { program: 'npm', command: 'node server.js' }, isVite: false },
          { max_memory_restart: 314_572_800 },
        ),
      ],
    },
    wanted: bad(
      'memory',
      'web: max_memory_restart measures npm only, not what it runs',
      "remove it, and write maxTreeMemory: '300M' in its env_liveness block",
    ),
  },
  {
    fault: 'a tcp probe of an app that speaks HTTP',
    change: { apps: [app({ httpUrl: 'http://localhost:3000/' })] },
    wanted: {
      check: 'bad probe',
      state: 'note',
      what: 'web: its tcp probe only sees that the port accepts connections, so a hung app still passes; the port answers HTTP',
      fix: "write http: { url: 'http://localhost:3000/', status: '100-599' } in its env_liveness instead of tcp",
    },
  },
  {
    fault: 'a dev server that PM2 may not kill for long',
    change: { apps: [app({}, { kill_timeout: 60_000 })] },
    wanted: {
      ...note(
        'stop time',
        'web: PM2 waits for its kill_timeout of 1m before it kills a dev server that hangs, so every restart of it takes that long',
      ),
      fix: 'remove kill_timeout from its entry (the default is 1600 ms), or set 10000 at most',
    },
  },
  {
    fault: 'a certFile that is not there',
    change: {
      apps: [
        app({
          certFileTrouble: {
            reason: '`certFile` /srv/app/web.pen is missing',
            fix: 'correct its path',
          },
        }),
      ],
    },
    wanted: bad('certFile', 'web: `certFile` /srv/app/web.pen is missing', 'correct its path'),
  },
  {
    fault: 'no start at boot',
    change: {
      boot: {
        startup: { state: 'missing', reason: 'no enabled unit' },
        saved: { state: 'current' },
        fix: ['sudo pm2 startup'],
      },
    },
    wanted: bad('boot', 'no enabled unit', 'sudo pm2 startup'),
  },
  {
    fault: 'a saved list of yesterday',
    change: {
      boot: {
        startup: { state: 'installed', unit: 'x' },
        saved: { state: 'stale', missingApps: ['web'], goneApps: ['old'] },
        fix: [save],
      },
    },
    wanted: bad('saved list', 'it does not have web; it still has old', save),
  },
  {
    fault: 'a saved app that PM2 could not start',
    change: {
      boot: {
        startup: { state: 'installed', unit: 'x' },
        saved: {
          state: 'stale',
          missingApps: [],
          goneApps: ['old'],
          unstartable: [{ name: 'old', reason: 'its folder /old is missing' }],
        },
        fix: ['pm2 resurrect'],
      },
    },
    wanted: bad(
      'saved list',
      'it still has old; PM2 cannot start old: its folder /old is missing',
      'pm2 resurrect',
    ),
  },
  {
    fault: 'no saved list',
    change: {
      boot: {
        startup: { state: 'installed', unit: 'x' },
        saved: { state: 'missing', reason: 'dump.pm2 does not exist' },
        fix: [save],
      },
    },
    wanted: bad('saved list', 'dump.pm2 does not exist', save),
  },
  {
    fault: 'no saved list in a container that starts PM2, which needs none',
    change: {
      boot: {
        startup: { state: 'container' },
        saved: { state: 'missing', reason: 'dump.pm2 does not exist' },
        fix: [],
      },
    },
    wanted: note(
      'boot',
      'this is a container: its start command must start the apps, as `pm2-runtime ecosystem.config.cjs` does',
    ),
  },
  {
    fault: 'watches that are used up',
    change: {
      inotify: { watches: { used: 8_000, limit: 8_192 }, instances: { used: 4, limit: 128 } },
    },
    wanted: bad(
      'watchers',
      '8000 of 8192 watches are used (fs.inotify.max_user_watches)',
      'echo fs.inotify.max_user_watches=524288 | sudo tee -a /etc/sysctl.d/60-watchers.conf && sudo sysctl --system',
    ),
  },
  {
    fault: 'a limit on instances that is too low for one editor',
    change: {
      inotify: { watches: { used: 800, limit: 65_536 }, instances: { used: 4, limit: 16 } },
    },
    wanted: bad(
      'watchers',
      '4 of 16 instances are used (fs.inotify.max_user_instances)',
      'echo fs.inotify.max_user_instances=512 | sudo tee -a /etc/sysctl.d/60-watchers.conf && sudo sysctl --system',
    ),
  },
];

describe('the doctor', () => {
  test('is silent on a good set-up: every line is ok', () => {
    const findings = examine(facts());
    assert.deepEqual(found({}), []);
    assert.equal(findings.length, 14);
    assert.ok(findings.every(({ fix }) => fix === null));
  });

  for (const { fault, change, wanted } of PLANTED) {
    test(`finds ${fault}, and nothing else`, () => {
      const others = found(change).filter(({ check }) => check !== wanted.check);
      const same = found(change).filter(({ check }) => check === wanted.check);
      assert.deepEqual(same, [wanted]);
      // A memory limit on a wrapper cannot be had without the wrapper.
      assert.deepEqual(
        others.filter(({ check, state }) => !(check === 'wrapper' && state === 'note')),
        [],
      );
    });
  }

  test('takes strictPort from the flags, the npm script and the configuration alike', () => {
    const strict: readonly AppFacts[] = [
      app({ isStrictByConfig: true }, { args: [] }),
      app({}, { args: '--strict-port' }),
      app({}, { args: ['--strictPort=true'] }),
    ];
    for (const each of strict) assert.deepEqual(found({ apps: [each] }), []);
    const wrapped = app(
      { wrapper: { program: 'npm', command: 'vite --strictPort' } },
      { args: [] },
    );
    assert.deepEqual(
      found({ apps: [wrapped] }).map(({ check }) => check),
      ['wrapper'],
    );
  });

  test('shows which of two monitors leads, which is no fault', () => {
    const monitors = [listed('second', 4), listed('pm2-liveness', 0)];
    assert.deepEqual(found({ monitors }), [
      {
        check: 'one monitor',
        state: 'note',
        what: 'second (pm_id 4) stands by, pm2-liveness (pm_id 0) leads',
        fix: null,
      },
    ]);
  });

  test('says once what holds for every instance of an app', () => {
    const loose = app({}, { args: [] });
    assert.equal(found({ apps: [loose, loose] }).length, 1);
  });

  test('counts nothing that is not known', () => {
    const change: Partial<DoctorFacts> = {
      ...port({ isHeld: null }),
      boot: 'dump.pm2 cannot be read',
      inotify: null,
    };
    assert.deepEqual(
      found(change).map(({ check, state }) => [check, state]),
      [
        ['port', 'note'],
        ['boot', 'note'],
        ['watchers', 'note'],
      ],
    );
  });

  test('lets an app start before it looks for its port', () => {
    const starting = { pmId: 1, state: 'starting' } as StatusDocumentTarget;
    const [finding] = found({
      ...port(nobody),
      status: { ...STATUS, targets: [starting] },
    });
    assert.equal(finding?.state, 'note');
  });

  test('breaks what it says at the width of the terminal, and never what is to be copied', () => {
    const lines = findingLines(found({ isPsMissing: true }), {
      style: new FakeIo().style,
      columns: 80,
    });
    assert.deepEqual(lines.slice(0, 2), [
      'bad   ps           the program ps is not in the PATH of the PM2 daemon, which',
      '                   needs it to stop process trees',
    ]);
    // A line for each step, and none of them broken.
    assert.match(lines[2] ?? '', /^ {19}→ sudo apt-get install procps .*;$/);
    assert.match(lines[3] ?? '', /^ {21}\S.* finds it$/);
    assert.equal(lines.length, 4);
  });

  test('breaks advice in words alone between two of them', () => {
    const [one, two, ...more] = findingLines(
      [
        {
          check: 'port',
          state: 'bad',
          what: 'nobody listens',
          fix: 'write the same port in its arguments and in its env_liveness block, and --strictPort for Vite',
        },
      ],
      { style: new FakeIo().style, columns: 80 },
    ).slice(1);
    assert.equal(one, `${' '.repeat(19)}→ write the same port in its arguments and in its`);
    assert.equal(two, `${' '.repeat(21)}env_liveness block, and --strictPort for Vite`);
    assert.deepEqual(more, []);
  });
});

type StatusDocumentTarget = (typeof STATUS)['targets'][number];

describe('the guard', () => {
  const timer = { name: 'pm2-liveness-guard-ann.timer', isUserUnit: false, isActive: true };
  const MINUTE = 60_000;
  for (const [what, guard, wanted] of [
    [
      'none is installed',
      { timer: null, lookAgeMs: null, trouble: null },
      [
        'note',
        'nothing outside PM2 looks whether PM2 itself runs (docs/GUARD.md)',
        'npx pm2-liveness guard install',
      ],
    ],
    [
      'its timer is off',
      { timer: { ...timer, isActive: false }, lookAgeMs: MINUTE, trouble: null },
      [
        'bad',
        'pm2-liveness-guard-ann.timer is off',
        'systemctl start pm2-liveness-guard-ann.timer',
      ],
    ],
    [
      'it does not look',
      { timer: { ...timer, isUserUnit: true }, lookAgeMs: 6 * MINUTE, trouble: null },
      [
        'bad',
        'pm2-liveness-guard-ann.timer is on, but its last look was 6m ago',
        'journalctl --user -n 20 -u pm2-liveness-guard-ann.service',
      ],
    ],
    [
      'it has never looked',
      { timer, lookAgeMs: null, trouble: null },
      [
        'bad',
        'pm2-liveness-guard-ann.timer is on, but it has not looked yet',
        'journalctl -n 20 -u pm2-liveness-guard-ann.service',
      ],
    ],
    [
      'it found something wrong',
      { timer, lookAgeMs: MINUTE, trouble: 'the monitor does not work: no answer' },
      ['bad', 'the monitor does not work: no answer', 'npx pm2-liveness guard status'],
    ],
    [
      'all is well',
      { timer, lookAgeMs: 20_000, trouble: null },
      ['ok', 'the guard looked 20s ago', null],
    ],
    // As cron does it.
    [
      'it looks without a timer',
      { timer: null, lookAgeMs: 20_000, trouble: null },
      ['ok', 'the guard looked 20s ago', null],
    ],
  ] as const) {
    test(`is reported where ${what}`, () => {
      const findings = examine(facts({ guard })).filter(({ check }) => check === 'guard');
      assert.deepEqual(
        findings.map(({ state, what: said, fix }) => [state, said, fix]),
        [wanted],
      );
    });
  }

  test('is not spoken of where systemd does not run', () => {
    assert.ok(examine(facts({})).every(({ check }) => check !== 'guard'));
  });
});

describe('the channels for messages', () => {
  const notifyOf = (notify: NonNullable<DoctorFacts['notify']>): readonly Finding[] =>
    examine(facts({ notify })).filter(({ check }) => check === 'notify');

  test('a wrong line, a sink that is not there, and a file that others can read each have their fix', () => {
    assert.deepEqual(
      notifyOf({
        problems: ["LIVENESS_NOTIFY, line 2: got an unknown kind 'slak', wanted 'slack'"],
        channels: [
          { name: 'ops', shown: 'slack (hooks.slack.com)', reason: null },
          { name: 'mail', shown: 'smtp (mail.example)', reason: 'no connection (ECONNREFUSED)' },
        ],
        ping: { shown: 'hc-ping.com', reason: 'no connection (ENOTFOUND)' },
        exposed: ['/home/ann/.pm2/dump.pm2'],
      }),
      [
        {
          check: 'notify',
          state: 'bad',
          what: "LIVENESS_NOTIFY, line 2: got an unknown kind 'slak', wanted 'slack'",
          fix: 'correct it (docs/NOTIFY.md), then: pm2 restart pm2-liveness --update-env',
        },
        {
          check: 'notify',
          state: 'ok',
          what: 'ops: slack (hooks.slack.com) can be reached',
          fix: null,
        },
        {
          check: 'notify',
          state: 'bad',
          what: 'mail: smtp (mail.example): no connection (ECONNREFUSED)',
          fix: 'npx pm2-liveness notify --test mail',
        },
        {
          check: 'notify',
          state: 'bad',
          what: 'LIVENESS_PING: hc-ping.com: no connection (ENOTFOUND)',
          fix: 'correct its URL, or the network between (docs/NOTIFY.md)',
        },
        {
          check: 'notify',
          state: 'bad',
          what: '/home/ann/.pm2/dump.pm2 has the URL of a channel, and other users of this machine can read it',
          fix: 'put the URLs into a file of mode 0600 and name it in LIVENESS_NOTIFY_FILE; until then: chmod go-rwx /home/ann/.pm2/dump.pm2',
        },
      ],
    );
  });

  test('are not spoken of where there are none', () => {
    assert.ok(examine(facts({})).every(({ check }) => check !== 'notify'));
  });
});
