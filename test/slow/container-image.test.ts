import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import type { StatusDocument, TargetStatus } from '../../src/report/status.ts';
import { CannotPlay } from '../support/debian-tools.ts';
import { runtimeStock } from '../support/installed-packages.ts';
import { pack } from '../support/module-home.ts';
import { OfflineRegistry } from '../support/offline-registry.ts';
import { Podman, type Ran } from '../support/podman.ts';
import { until } from '../support/until.ts';

const { load } = createRequire(import.meta.url)('js-yaml') as { load: (text: string) => unknown };
const root = fileURLToPath(new URL('../..', import.meta.url));
const example = join(root, 'example/container');

/** What our compose file says of its service. */
interface Service {
  readonly restart: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly tmpfs: readonly string[];
  readonly volumes: readonly string[];
  readonly ports: readonly string[];
  readonly stop_grace_period: string;
}

test('the Dockerfile is one in which nothing is wrong', async () => {
  assert.deepEqual(validate(await readFile(join(example, 'Dockerfile'), 'utf8')), []);
  assert.notDeepEqual(validate('FROM scratch\nENTRYPOINT a\nENTRYPOINT b\nRUM c\n'), []);
});

describe('the image of example/container, run as its compose file says', () => {
  let podman: Podman;
  let folder = '';
  let registry: OfflineRegistry;
  let missing = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pl-image-'));
    registry = await OfflineRegistry.open(runtimeStock(root));
    try {
      podman = await Podman.create(AbortSignal.timeout(600_000));
    } catch (error) {
      if (!(error instanceof CannotPlay)) throw error;
      missing = error.message;
      return;
    }
    const context = join(folder, 'context');
    await cp(example, context, { recursive: true });
    await rename(await pack(root, folder), join(context, 'pm2-liveness.tgz'));
    const npmrc = join(folder, 'npmrc');
    await writeFile(
      npmrc,
      `registry=${registry.url}\nproxy=null\nhttps-proxy=null\nupdate-notifier=false\n`,
    );
    await podman.build(
      context,
      'localhost/api',
      `--volume=${npmrc}:/root/.npmrc:ro`,
      `--build-arg=NODE_IMAGE=${podman.image}`,
    );
    await start();
  });

  after(async () => {
    if (missing === '') await podman.destroy();
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    const text = await readFile(join(example, 'compose.yaml'), 'utf8');
    const { api } = (load(text) as { services: { api: Service } }).services;
    await podman.must(
      'run',
      '--detach',
      '--name=api',
      // Its port is its own, and nothing outside can be reached.
      '--network=none',
      '--ulimit=nproc=1000:1000',
      '--ulimit=nofile=1000:1000',
      `--read-only=${api.read_only}`,
      `--stop-timeout=${Number.parseInt(api.stop_grace_period, 10)}`,
      ...api.cap_drop.map((name) => `--cap-drop=${name}`),
      ...api.security_opt.map((option) => `--security-opt=${option.replace(':', '=')}`),
      ...api.tmpfs.map((path) => `--tmpfs=${path}`),
      ...api.volumes.map((volume) => `--volume=${volume}`),
      'localhost/api',
    );
    await reaches('healthy');
  }

  const inside = (...words: string[]): Promise<Ran> => podman.run('exec', 'api', ...words);

  async function target(): Promise<TargetStatus | null> {
    const { text } = await inside('npx', 'pm2-liveness', 'status', '--json');
    if (!text.startsWith('{')) return null;
    return (JSON.parse(text) as StatusDocument).targets[0] ?? null;
  }

  const reaches = (state: string): Promise<TargetStatus> =>
    until(
      `the app is ${state}`,
      async () => {
        const found = await target();
        return found?.state === state ? found : null;
      },
      { withinMs: 90_000 },
    );

  /** The pid that the API answers with; empty where it does not. */
  async function answer(path = ''): Promise<string> {
    const code = `fetch('http://127.0.0.1:3000/${path}', { signal: AbortSignal.timeout(1000) })
      .then((got) => got.text()).then((text) => process.stdout.write(text.trim()), () => {})`;
    return (await inside('node', '-e', code)).text;
  }

  /** On a busy machine the program alone may need longer to start than a health check has. */
  const isWell = (): Promise<boolean> =>
    until(
      'the health check passes',
      async () => (await podman.run('healthcheck', 'run', 'api')).code === 0,
      { withinMs: 60_000 },
    );

  test('it is built from our package, and runs without root, on files that it cannot change', async (t) => {
    if (missing !== '') return t.skip(missing);
    assert.deepEqual(registry.refused, []);
    const { text } = await inside('sh', '-c', 'id -un; touch /app/x 2>&1; cat /proc/1/comm');
    assert.match(text, /^node\n.*Read-only file system\n/);
    await isWell();
  });

  test('a busy loop is fixed, and its health check says so in between', async (t) => {
    if (missing !== '') return t.skip(missing);
    const before = await answer();
    await answer('hang');
    await until(
      'the health check fails',
      async () => (await podman.run('healthcheck', 'run', 'api')).code !== 0,
    );
    await until('another process answers', async () => !['', before].includes(await answer()), {
      withinMs: 90_000,
    });
    assert.equal((await reaches('healthy')).restarts.total, 1);
    await isWell();
  });

  test('a stop lets the app finish, before the container ends', async (t) => {
    if (missing !== '') return t.skip(missing);
    await podman.must('stop', 'api');
    const said = await podman.must('logs', 'api');
    assert.match(said, /ending[\s\S]*ended/);
    const { text } = await podman.run('inspect', '--format={{.State.ExitCode}}', 'api');
    assert.equal(text.trim(), '0');
  });

  test('a new container on the same volume knows what was, and is no stranger to what it finds there', async (t) => {
    if (missing !== '') return t.skip(missing);
    await podman.must('rm', 'api');
    await start();
    const { text } = await inside('npx', 'pm2-liveness', 'events');
    assert.match(text, /api +restart +/);
  });
});
