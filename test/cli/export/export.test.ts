import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { Deployment } from 'kubernetes-models/apps/v1';
import { composeLines } from '../../../src/cli/export/compose.ts';
import {
  runningApp,
  writtenApp,
  type ExportedApp,
  type NotExported,
} from '../../../src/cli/export/exported-app.ts';
import { linesOf } from '../../../src/cli/export/run.ts';
import { kubernetesLines } from '../../../src/cli/export/kubernetes.ts';
import { systemdLines } from '../../../src/cli/export/systemd.ts';
import { toManagedProcess } from '../../../src/pm2/process.ts';

const require = createRequire(createRequire(import.meta.url).resolve('pm2/package.json'));
const { load } = require('js-yaml') as { readonly load: (text: string) => never };

/** An app of a file in /srv. */
function appOf(block: object, more: object = {}): ExportedApp {
  const app = writtenApp(
    { name: 'web', script: 'server.js', env_liveness: block, ...more },
    '/srv',
  );
  assert.ok('command' in app, 'reason' in app ? app.reason : '');
  return app;
}

const HTTP = { http: 'http://127.0.0.1:3000/health' };

describe('an app of an ecosystem file', () => {
  const COMMANDS: readonly (readonly [object, readonly string[]])[] = [
    [{ script: 'server.js' }, ['node', '/srv/server.js']],
    [
      { script: './bin/x.ts', node_args: '--import tsx' },
      ['node', '--import', 'tsx', '/srv/bin/x.ts'],
    ],
    [{ script: 'npm', args: 'run dev' }, ['npm', 'run', 'dev']],
    [{ script: 'npm', args: ['run', 'a b'] }, ['npm', 'run', 'a b']],
    [{ script: 'npm run dev' }, ['/bin/sh', '-c', 'npm run dev']],
    [{ script: 'x.py', cwd: 'api' }, ['python3', '/srv/api/x.py']],
    [{ script: 'x.py', interpreter: '/opt/py' }, ['/opt/py', '/srv/x.py']],
    [{ script: './serve', interpreter: 'none' }, ['/srv/serve']],
  ];
  for (const [more, command] of COMMANDS) {
    test(`${JSON.stringify(more)} starts as ${command.join(' ')}`, () => {
      assert.deepEqual(appOf(HTTP, more).command, command);
    });
  }

  test('keeps the values of variables that are no secret, and the names of the others', () => {
    const { env, otherVariables } = appOf(HTTP, {
      env: { PORT: 1, API_KEY: 'hush', NODE_ENV: 'x' },
    });
    assert.deepEqual([env, otherVariables], [{ PORT: '1', NODE_ENV: 'x' }, ['API_KEY']]);
  });

  test('is refused without a block, with a bad one, and without a script', () => {
    const reasonOf = (app: unknown): string => (writtenApp(app, '/srv') as NotExported).reason;
    assert.match(reasonOf({ name: 'web', script: 'x.js' }), /no env_liveness block/);
    assert.match(
      reasonOf({ script: 'x.js', env_liveness: { tcp: 'hush' } }),
      /\(env_liveness\.tcp\)/,
    );
    assert.match(reasonOf({ name: 'web' }), /no script/);
    assert.match(reasonOf(null), /no object/);
  });
});

test('an app that PM2 runs starts as PM2 starts it', () => {
  const entry = {
    pm_id: 0,
    name: 'api',
    pid: 1,
    pm2_env: {
      status: 'online',
      pm_cwd: '/srv',
      pm_exec_path: '/srv/dist/main.js',
      exec_interpreter: 'node',
      node_args: ['--enable-source-maps'],
      args: ['--port', '3000'],
      kill_timeout: 5_000,
      env_liveness: HTTP,
      PORT: 3000,
      SECRET: 'hush',
    },
  };
  const process = toManagedProcess(entry);
  assert.ok(process);
  const app = runningApp(process, 2);
  assert.ok('command' in app);
  const words = ['node', '--enable-source-maps', '/srv/dist/main.js', '--port', '3000'];
  assert.deepEqual(
    [app.command, app.env, app.instances, app.killTimeoutMs],
    [words, { PORT: '3000' }, 2, 5_000],
  );
});

interface Probe {
  readonly httpGet?: {
    readonly path: string;
    readonly port: number;
    readonly scheme: string;
    readonly httpHeaders?: unknown;
  };
  readonly tcpSocket?: object;
  readonly exec?: object;
  readonly failureThreshold: number;
  readonly periodSeconds: number;
}

interface Container {
  readonly livenessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly resources?: object;
}

interface Parsed {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly [Container] } };
  };
}

/** What Kubernetes reads in the lines; its own schema finds nothing wrong. */
function deployed(app: ExportedApp): Container & { readonly label: string } {
  const parsed = load(kubernetesLines(app).join('\n')) as Parsed;
  new Deployment(parsed as never).validate();
  return { ...parsed.spec.template.spec.containers[0], label: parsed.metadata.name };
}

describe('for Kubernetes', () => {
  test('its schema refuses what is wrong', () => {
    const bad = { spec: { replicas: 'x' } };
    assert.throws(() => new Deployment(bad as never).validate(), /replicas/);
  });

  test('the probes ask the same, as often and as long', () => {
    const block = {
      http: 'https://127.0.0.1:3443/health?x=1',
      period: '10s',
      failureThreshold: 4,
      startupPeriod: '2s',
      startupTimeout: '60s',
    };
    const { livenessProbe, startupProbe } = deployed(appOf(block));
    const { httpGet, failureThreshold, periodSeconds } = livenessProbe ?? {};
    assert.deepEqual(
      [httpGet?.path, httpGet?.port, httpGet?.scheme, failureThreshold, periodSeconds],
      ['/health?x=1', 3443, 'HTTPS', 4, 10],
    );
    assert.deepEqual([startupProbe?.failureThreshold, startupProbe?.periodSeconds], [30, 2]);
  });

  test('a Vite dev server gets a host that it knows, and is asked for HTML', () => {
    const { livenessProbe } = deployed(appOf({ vite: 'http://127.0.0.1:5173/' }));
    assert.deepEqual(livenessProbe?.httpGet?.httpHeaders, [
      { name: 'Host', value: 'localhost' },
      { name: 'Accept', value: 'text/html' },
    ]);
  });

  test('each kind of probe has its form, or none and a comment', () => {
    assert.deepEqual(deployed(appOf({ tcp: '127.0.0.1:5432' })).livenessProbe?.tcpSocket, {
      port: 5432,
    });
    assert.deepEqual(
      deployed(appOf({ websocket: 'ws://127.0.0.1:80/x' })).livenessProbe?.tcpSocket,
      { port: 80 },
    );
    assert.deepEqual(deployed(appOf({ exec: ['node', 'check.js', 'a b'] })).livenessProbe?.exec, {
      command: ['node', 'check.js', 'a b'],
    });
    for (const block of [{ heartbeat: '10s' }, { tcp: '/run/x.sock' }]) {
      const app = appOf(block);
      assert.equal(deployed(app).livenessProbe, undefined);
      assert.match(kubernetesLines(app).join('\n'), /# - (?:heartbeat|\/run\/x\.sock)/);
    }
  });

  test('names that Kubernetes does not take become ones that it does', () => {
    for (const [name, label] of [
      ['My App_1', 'my-app-1'],
      ['--', 'app'],
      ['日本', 'app'],
      ['x'.repeat(70), 'x'.repeat(63)],
    ] as const) {
      assert.equal(deployed(appOf(HTTP, { name })).label, label);
    }
  });
});

describe('for compose', () => {
  test('each app has a service with a healthcheck that runs our check', () => {
    const { services } = load(composeLines([appOf({ ...HTTP, timeout: '3s' })]).join('\n')) as {
      services: { web: { healthcheck: { test: string[]; retries: number }; restart: string } };
    };
    const { healthcheck } = services.web;
    const words = [
      'CMD',
      'npx',
      'pm2-liveness',
      'check',
      'http://127.0.0.1:3000/health',
      '--timeout',
      '3s',
    ];
    assert.deepEqual(healthcheck.test, words);
    assert.equal(healthcheck.retries, 3);
  });

  test('a `$` is not read as a variable', () => {
    const { services } = load(
      composeLines([appOf(HTTP, { args: ['$HOME', 'a$b'] })]).join('\n'),
    ) as {
      services: { web: { command: string[] } };
    };
    assert.deepEqual(services.web.command.slice(2), ['$$HOME', 'a$$b']);
  });
});

describe('for systemd', () => {
  test('a loop tells the watchdog of good checks, in the control group of the app', () => {
    const lines = systemdLines(appOf(HTTP), ['/usr/bin/node', '/opt/main.js']);
    const start = lines.find((line) => line.startsWith('ExecStart='));
    assert.equal(
      start,
      'ExecStart=/bin/sh -c "(while sleep 5; do /usr/bin/node /opt/main.js check http://127.0.0.1:3000/health --timeout 2s >/dev/null 2>&1 && systemd-notify WATCHDOG=1 WATCHDOG_USEC=21000000; done) & exec node /srv/server.js"',
    );
    assert.ok(lines.includes('NotifyAccess=all') && lines.includes('WatchdogSec=2m'));
  });

  test('what systemd would read as its own is escaped', () => {
    const app = appOf(HTTP, { cwd: '/srv/100%', args: ['a"b', '$X', '50%', 'c\\d'], name: 'a\nb' });
    const lines = systemdLines(app, ['p']);
    assert.ok(lines.includes('WorkingDirectory=/srv/100%%'));
    assert.ok(lines.includes('Description=a b'));
    const start = lines.find((line) => line.startsWith('ExecStart=')) ?? '';
    assert.ok(start.endsWith(`'a\\"b' '$$X' '50%%' 'c\\\\d'"`), start);
  });

  test('an app that cannot be asked gets a unit without a watchdog, and a comment', () => {
    const lines = systemdLines(appOf({ heartbeat: '10s' }), ['p']);
    assert.ok(lines.includes('ExecStart=node /srv/server.js'));
    assert.ok(!lines.some((line) => line.startsWith('WatchdogSec')));
    assert.match(lines.join('\n'), /# - the probe: .*only a crash is seen/);
  });
});

test('no form has the value of a secret, and a line says where one is missing', () => {
  const app = appOf(
    {
      http: {
        url: 'http://127.0.0.1:3000/health?key=${TOKEN}',
        headers: { authorization: 'Bearer ${TOKEN}', 'x-key': 'plain-secret-1' },
      },
    },
    {
      env: { TOKEN: 's3cret-abcdef' },
      args: '--password hunter22 --db postgres://u:pa55word@db/x',
    },
  );
  for (const format of ['systemd', 'compose', 'kubernetes'] as const) {
    const text = linesOf(format, [app]).join('\n');
    assert.doesNotMatch(text, /s3cret|plain-secret|hunter22|pa55word/, format);
    assert.match(text, /^# A secret is not written/m, format);
  }
});
