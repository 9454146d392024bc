import assert from 'node:assert/strict';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { App, Listed, Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { Stage } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';

/**
 * How PM2 loses an app: its interpreter is gone (`online` without a process), its log folder (`stopped` with a
 * stale pid), its log folder while PM2 waits to restart it, its log folder at a restart by a command (`stopped`
 * without a pid, as an operator's stop), and at one of ours.
 */
type Loss = 'unspawned' | 'crashed' | 'timer' | 'failed' | 'ours';

/** How an operator keeps an app down. The last two are ours. */
type Way = 'name' | 'id' | 'space' | 'file' | 'only' | 'api' | 'delete' | 'pause' | 'trigger';

/**
 * Before it is lost, in the moment in which it is, once the monitor says so, and while the monitor is stopped. A stop that
 * crosses a start of ours is played in 16 and 17; while an app with `wait_ready` is launching PM2 loses every stop by
 * itself (FACTS, "PM2: restart by status").
 */
type Moment = 'before' | 'during' | 'after' | 'unseen';

/** One app of the matrix. */
interface Case {
  readonly name: string;
  readonly loss: Loss;
  readonly way: Way | 'nobody';
  readonly moment: Moment;
}

const MATRIX: readonly Case[] = [
  ...casesOf('unspawned', 'after', ['nobody', 'name', 'delete']),
  ...casesOf('crashed', 'after', ['nobody', 'id', 'file', 'only', 'api', 'pause']),
  ...casesOf('timer', 'after', ['nobody', 'name', 'trigger']),
  ...casesOf('failed', 'after', ['space', 'api']),
  ...casesOf('ours', 'after', ['name']),

  ...casesOf('crashed', 'before', ['pause']),
  ...casesOf('failed', 'before', ['name']),

  ...casesOf('unspawned', 'during', ['name']),
  ...casesOf('crashed', 'during', ['name', 'delete']),
  ...casesOf('timer', 'during', ['name']),
  ...casesOf('failed', 'during', ['name']),
  ...casesOf('ours', 'during', ['name']),

  ...casesOf('unspawned', 'unseen', ['name']),
  ...casesOf('crashed', 'unseen', ['space']),
  ...casesOf('timer', 'unseen', ['only']),
  ...casesOf('failed', 'unseen', ['api']),
];

function casesOf(loss: Loss, moment: Moment, ways: readonly Case['way'][]): Case[] {
  return ways.map((way) => ({ name: `${loss}-${way}-${moment}`, loss, way, moment }));
}

function namesOf(wanted: Partial<Case>): string[] {
  const isWanted = (one: Case): boolean =>
    Object.entries(wanted).every(([field, value]) => one[field as keyof Case] === value);
  return MATRIX.filter(isWanted).map(({ name }) => name);
}

const PM2_PROGRAM = createRequire(import.meta.url).resolve('pm2');

/**
 * All apps of the matrix in one PM2. A restart by a command that failed is not in it for nobody: after
 * the restart of the monitor it looks like an operator's stop, and is left as it is.
 * They only sleep: what is probed is the test's own server.
 */
class Matrix {
  readonly sandbox: Pm2Sandbox;
  /** The apps that answer 503. */
  readonly bad = new Set<string>();
  readonly #logs: string;
  readonly #bin: string;
  #port = 0;

  private constructor(sandbox: Pm2Sandbox) {
    this.sandbox = sandbox;
    this.#logs = join(sandbox.home, 'app-logs');
    this.#bin = join(sandbox.home, 'bin');
  }

  static async start(stage: Stage): Promise<Matrix> {
    const matrix = new Matrix(await stage.pm2({ monitor: false }));
    const { sandbox, bad } = matrix;
    const server = createServer(({ url = '' }, response) => {
      response.statusCode = bad.has(url.slice(1)) ? 503 : 200;
      response.end('answer');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stage.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    matrix.#port = (server.address() as AddressInfo).port; // a TCP server's
    await mkdir(matrix.#logs);
    await mkdir(matrix.#bin);
    await symlink('/bin/sh', join(matrix.#bin, 'sh'));
    // PM2's SIGINT ends it at once, except where a stop has to last.
    await writeFile(
      join(sandbox.home, 'idle.sh'),
      '[ -z "$IS_DEAF" ] || trap "" INT\nexec sleep 100000\n',
    );
    await sandbox.startMonitor();
    await matrix.#write(MATRIX, 'all');
    const { exitCode, text } = await sandbox.pm2('start', matrix.#file('all'));
    assert.equal(exitCode, 0, text);
    await matrix.areAll('healthy', namesOf({}));
    return matrix;
  }

  /** What every start needs goes. */
  async take(): Promise<void> {
    for (const path of [this.#logs, this.#bin]) await rename(path, `${path}-taken`);
  }

  async giveBack(): Promise<void> {
    for (const path of [this.#logs, this.#bin]) await rename(`${path}-taken`, path);
  }

  /** Has PM2 lose apps. */
  async lose(names: readonly string[]): Promise<void> {
    const list = await this.sandbox.list();
    const restarted: string[] = [];
    for (const name of names) {
      const { loss } = caseOf(name);
      const pid = list.find((entry) => entry.name === name)?.pid ?? 0;
      if (loss === 'ours') this.bad.add(name);
      else if (loss === 'failed') restarted.push(name);
      else if (pid > 0) process.kill(pid, 'SIGKILL');
    }
    const calls = restarted.map((name) => `pm2.restart('${name}', done);`);
    if (calls.length > 0) await this.#program(calls.length, calls.join('\n'));
  }

  /** In one and the same moment PM2 loses an app and an operator's program stops or deletes it. */
  async loseAndStop(names: readonly string[]): Promise<void> {
    const list = await this.sandbox.list();
    const calls = names.map((name) => {
      const { loss, way } = caseOf(name);
      const pid = list.find((entry) => entry.name === name)?.pid ?? 0;
      assert.ok(pid > 0, name);
      const lose =
        loss === 'failed'
          ? `pm2.restart('${name}', done)`
          : `(process.kill(${pid}, 'SIGKILL'), done())`;
      return `${lose}; pm2.${way === 'delete' ? 'delete' : 'stop'}('${name}', done);`;
    });
    await this.#program(2 * calls.length, calls.join('\n'));
  }

  /** An operator keeps apps down, in their way. */
  async stop(names: readonly string[]): Promise<void> {
    const { sandbox } = this;
    const by = (way: Way): string[] => names.filter((name) => caseOf(name).way === way);
    const list = await sandbox.list();
    const ids = by('id').map((name) => String(list.find((one) => one.name === name)?.pm_id));
    const plain = [...by('name'), ...ids, ...by('space').map((name) => `of-${name}`)];
    if (plain.length > 0) await sandbox.pm2('stop', ...plain);
    if (by('delete').length > 0) await sandbox.pm2('delete', ...by('delete'));
    if (by('file').length > 0) {
      await this.#write(by('file').map(caseOf), 'some');
      await sandbox.pm2('stop', this.#file('some'));
    }
    if (by('only').length > 0) {
      await sandbox.pm2('stop', this.#file('all'), '--only', by('only').join(','));
    }
    const calls = by('api').map((name) => `pm2.stop('${name}', done);`);
    if (calls.length > 0) await this.#program(calls.length, calls.join('\n'));
    for (const name of by('pause')) await this.#cli('pause', name);
    for (const name of by('trigger')) await sandbox.pm2('trigger', 'pm2-liveness', 'pause', name);
  }

  /** Waits until all of these apps are in a state, or are lost. */
  async areAll(wanted: 'healthy' | 'lost' | 'paused', names: readonly string[]): Promise<void> {
    await until(
      `all are ${wanted}`,
      async () => {
        const targets = (await this.sandbox.status())?.targets ?? [];
        const others = names.flatMap((name) => {
          const target = targets.find((one) => one.name === name);
          const is = target?.incident?.cause === 'lost' ? 'lost' : target?.state;
          return (wanted === 'lost' ? is : target?.state) === wanted
            ? []
            : [`${name}: ${target?.summary}`];
        });
        if (others.length === 0) return true;
        throw new Error(others.join('\n'));
      },
      // Each look costs the monitor a document of thirty apps.
      { withinMs: 90_000, everyMs: 1_500 },
    );
  }

  /** The apps of these that have a process. */
  async up(names: readonly string[]): Promise<string[]> {
    const isUp = ({ name, pid, pm2_env: { status } }: Listed): boolean =>
      names.includes(name) && pid > 0 && (status === 'online' || status === 'launching');
    return (await this.sandbox.list()).filter(isUp).map(({ name }) => name);
  }

  /** Asserts that none of these apps has a process. */
  async areDown(names: readonly string[]): Promise<boolean> {
    assert.deepEqual(await this.up(names), []);
    return true;
  }

  /** Waits until all of these apps have a process. */
  async areUp(names: readonly string[]): Promise<void> {
    await until(
      `${names.join(', ')} are up`,
      async () => (await this.up(names)).length === names.length,
      { withinMs: 90_000, everyMs: 300 },
    );
  }

  async resume(names: readonly string[]): Promise<void> {
    for (const name of names) await this.#cli('resume', name);
  }

  async #cli(...args: readonly string[]): Promise<void> {
    const cli = join(import.meta.dirname, '../../dist/cli/main.js');
    const { exitCode, text } = await this.sandbox.run(process.execPath, [cli, ...args]);
    assert.equal(exitCode, 0, text);
  }

  #file(name: string): string {
    return join(this.sandbox.home, `${name}.config.cjs`);
  }

  /** Writes the ecosystem file of some apps. */
  async #write(cases: readonly Case[], name: string): Promise<void> {
    const apps = cases.map((one) => this.#appOf(one));
    await writeFile(this.#file(name), `module.exports = ${JSON.stringify({ apps })};\n`);
  }

  #appOf({ name, loss, way }: Case): App {
    const { home } = this.sandbox;
    // Only what we are to restart has to be asked often: thirty apps share this machine.
    const pace = loss === 'ours' ? { period: '1s', fastPeriod: '500ms' } : { period: '20s' };
    return {
      name,
      script: join(home, 'idle.sh'),
      interpreter: join(this.#bin, 'sh'),
      out_file: loss === 'unspawned' ? '/dev/null' : join(this.#logs, name),
      error_file: loss === 'unspawned' ? '/dev/null' : join(this.#logs, name),
      ...(loss !== 'unspawned' && { interpreter: '/bin/sh' }),
      ...(loss === 'timer' && { restart_delay: 1_000 }),
      ...(loss === 'ours' && { treekill: false, kill_timeout: 4_000, env: { IS_DEAF: '1' } }),
      ...(way === 'space' && { namespace: `of-${name}` }),
      env_liveness: {
        http: `http://127.0.0.1:${this.#port}/${name}`,
        portOwner: 'any',
        ...pace,
      },
    };
  }

  /** A program of the operator's that uses PM2's library; each of its calls ends in `done`. */
  async #program(calls: number, body: string): Promise<void> {
    const script = `const pm2 = require(${JSON.stringify(PM2_PROGRAM)});
      let left = ${calls};
      const done = () => { left -= 1; if (left === 0) pm2.disconnect(); };
      pm2.connect(() => { ${body} });`;
    const { exitCode, text } = await this.sandbox.run(process.execPath, ['-e', script]);
    assert.equal(exitCode, 0, text);
  }
}

function caseOf(name: string): Case {
  return MATRIX.find((one) => one.name === name) ?? assert.fail(`no case ${name}`);
}

describe('an app that PM2 loses, and that an operator keeps down', () => {
  const stage = new Stage();
  after(() => stage.end());

  test('stays down, in every way, at every moment', async () => {
    const matrix = await Matrix.start(stage);
    const { sandbox } = matrix;
    await matrix.stop(namesOf({ moment: 'before' }));
    await matrix.take();

    const ours = namesOf({ loss: 'ours' });
    await matrix.lose(ours);
    const crossed = namesOf({ loss: 'ours', moment: 'during' });
    await until(
      'a restart of ours is under way',
      async () =>
        (await sandbox.list()).some(
          ({ name, pm2_env: { status } }) => crossed.includes(name) && status === 'stopping',
        ),
      { withinMs: 60_000, everyMs: 250 },
    );
    await matrix.stop(crossed);

    const lost = (['after', 'unseen'] as const).flatMap((moment) => namesOf({ moment }));
    const rest = lost.filter((name) => !ours.includes(name));
    await matrix.lose([...rest, ...namesOf({ moment: 'before', way: 'pause' })]);
    await matrix.loseAndStop(namesOf({ moment: 'during' }).filter((name) => !ours.includes(name)));
    await matrix.areAll('lost', lost);

    const nobody = namesOf({ way: 'nobody' });
    await matrix.stop(namesOf({ moment: 'after' }).filter((name) => !nobody.includes(name)));
    await sandbox.pm2('stop', 'pm2-liveness');
    await matrix.stop(namesOf({ moment: 'unseen' }));
    await sandbox.pm2('start', 'pm2-liveness');
    const stopped = namesOf({}).filter((name) => !nobody.includes(name));
    await matrix.areAll(
      'paused',
      stopped.filter((name) => caseOf(name).way !== 'delete'),
    );

    await matrix.giveBack();
    await matrix.areUp(nobody);
    await holds('all others stay down', 8_000, async () => matrix.areDown(stopped));

    const paused = namesOf({ way: 'pause', moment: 'after', loss: 'crashed' });
    await matrix.resume(paused);
    await matrix.areUp(paused);

    await matrix.take();
    await matrix.lose(nobody);
    await sandbox.pm2('stop', 'all');
    await sandbox.pm2('start', 'pm2-liveness');
    await matrix.areAll('paused', nobody);
    await matrix.giveBack();
    await holds('stopped with all', 6_000, async () => matrix.areDown(namesOf({})));
  });
});
