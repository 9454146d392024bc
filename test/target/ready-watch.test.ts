import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ManagedProcess } from '../../src/pm2/process.ts';
import type { Pm2Wait } from '../../src/target/observation.ts';
import { ReadyWatch } from '../../src/target/ready-watch.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakePm2, managed } from '../support/fake-pm2.ts';

/** A watch that hears the bus already, and an app that starts then, with 15 s for its ready message. */
class Bench {
  readonly pm2 = new FakePm2();
  readonly clock = new FakeClock();
  readonly news: number[] = [];
  readonly watch = new ReadyWatch({
    pm2: this.pm2,
    clock: this.clock,
    onNews: (pmId) => this.news.push(pmId),
  });
  #startedAt = 0;

  async start(): Promise<void> {
    this.watch.start();
    await this.clock.pass(1_000);
    this.#startedAt = this.clock.wall();
  }

  see(fields: Partial<ManagedProcess> = {}): Pm2Wait | null {
    const env = { wait_ready: true };
    return this.watch.waitOf(
      managed({ startedAt: this.#startedAt, listenTimeoutMs: 15_000, env, ...fields }),
    );
  }
}

async function started(): Promise<Bench> {
  const bench = new Bench();
  await bench.start();
  return bench;
}

const UNREADY = { type: 'unready', listenTimeoutMs: 15_000, afterMs: null };

describe('the ready message of an app with wait_ready', () => {
  test('never came: PM2 called the app online after listen_timeout', async () => {
    const { see, clock } = bindOf(await started());
    assert.equal(see({ status: 'launching' }), null);
    await clock.pass(15_200);
    assert.deepEqual(see(), UNREADY);
    assert.equal(see({ env: {} }), null);
    assert.equal(see({ status: 'stopping' }), null);
  });

  test('never came, also where the list is read in the moment in which PM2 calls the app online', async () => {
    const { see, clock } = bindOf(await started());
    see({ status: 'launching' });
    await clock.pass(15_000);
    assert.deepEqual(see(), UNREADY);
  });

  test('came in time, also where it is heard before the list shows the app', async () => {
    for (const isSeen of [true, false]) {
      const { see, clock, pm2 } = bindOf(await started());
      if (isSeen) see({ status: 'launching' });
      pm2.ready(managed().pmId);
      await clock.pass(60_000);
      assert.equal(see(), null);
    }
  });

  test('came late: how late, and the list is read again for the first one alone', async () => {
    const { see, clock, pm2, news } = bindOf(await started());
    see({ status: 'launching' });
    await clock.pass(20_000);
    pm2.ready(managed().pmId);
    assert.deepEqual(see(), { ...UNREADY, afterMs: 20_000 });
    await clock.pass(5_000);
    pm2.ready(managed().pmId);
    assert.deepEqual(see(), { ...UNREADY, afterMs: 20_000 });
    assert.deepEqual(news, [managed().pmId]);
  });

  test('of an earlier incarnation does not count for the next', async () => {
    const { see, clock, pm2 } = bindOf(await started());
    see({ status: 'launching' });
    pm2.ready(managed().pmId);
    await clock.pass(1_000);
    const next = { startedAt: clock.wall(), pid: 4_712 };
    see({ ...next, status: 'launching' });
    await clock.pass(15_200);
    assert.deepEqual(see(next), UNREADY);
  });

  test('is not missed where nobody heard the bus at the start, or all the time since', async () => {
    const bench = await started();
    const { see, clock, pm2 } = bindOf(bench);
    assert.equal(see({ startedAt: clock.wall() - 60_000 }), null);
    await clock.pass(15_200);
    pm2.bus = 1;
    assert.equal(see(), null);
    pm2.bus = null;
    assert.equal(see(), null);
  });
});

function bindOf(bench: Bench): Pick<Bench, 'clock' | 'pm2' | 'news'> & { see: Bench['see'] } {
  const { clock, pm2, news } = bench;
  return { clock, pm2, news, see: (fields) => bench.see(fields) };
}
