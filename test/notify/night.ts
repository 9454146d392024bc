import { setTimeout as sleep } from 'node:timers/promises';
import { readBlock, type TargetConfig } from '../../src/config/target-config.ts';
import type { Channel, SendResult } from '../../src/notify/channel/channel.ts';
import type { Notice } from '../../src/notify/message/notice.ts';
import { Notifier } from '../../src/notify/notifier.ts';
import type { TargetView } from '../../src/report/view.ts';
import { systemFiles, type Files } from '../../src/store/files.ts';
import { systemClock } from '../../src/time/clock.ts';
import { DiskQueue } from '../../src/time/disk-queue.ts';
import { unknownUptime } from '../../src/uptime/figures.ts';
import { UptimeTracker } from '../../src/uptime/tracker.ts';
import type { Event } from '../../src/verdict/event.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Driver, policyOf } from '../support/verdict-driver.ts';

/** One app: its verdict is the real one, and its events reach the notifiers of the night. */
export class App extends Driver {
  readonly name: string;
  readonly watch: UptimeTracker;
  readonly #night: Night;
  readonly #config: TargetConfig;

  constructor(night: Night, name: string, block: Readonly<Record<string, unknown>> = {}) {
    super(policyOf());
    this.name = name;
    this.#night = night;
    const read = readBlock({ tcp: '127.0.0.1:1', ...block }, {});
    if (!read.ok) throw new Error('bad block');
    this.#config = { ...read.config, policy: this.policy };
    this.now = night.clock.now();
    this.watch = new UptimeTracker(unknownUptime(this.now));
  }

  view(): TargetView {
    return {
      name: this.name,
      pmId: 0,
      pid: 1,
      instance: 0,
      config: this.#config,
      verdict: { ...this.verdict, at: this.#night.clock.now() },
      last: null,
      restartsTotal: 0,
      uptime: this.watch.uptime,
      errorLog: null,
    };
  }

  override after(ms: number): this {
    this.#night.clock.monotonic += ms;
    this.#night.clock.wallTime += ms;
    this.now = this.#night.clock.now();
    return this;
  }

  override apply(event: Event): this {
    const before = this.decisions.length;
    super.apply({ ...event, at: this.#night.clock.now() });
    this.watch.onState(this.verdict, event.type === 'sample' ? event.sample : null);
    for (const decision of this.decisions.slice(before)) {
      this.watch.onDecision(decision, this.now);
      this.#night.notifier?.onEvent({ type: 'decision', view: this.view(), decision });
    }
    return this;
  }
}

/** Apps, channels, and one notifier after the other on the same folder. */
export class Night {
  readonly clock = new FakeClock();
  readonly apps: App[] = [];
  readonly got: { readonly channel: string; readonly notice: Notice }[] = [];
  readonly dir: string;
  /** A name is a channel that answers with `answer`; any other one is real. */
  readonly channels: readonly (string | Channel)[];
  notifier: Notifier | null = null;
  ownTrouble: string | null = null;
  isJudging = false;
  /** False: PM2 has given no list. */
  isListRead = true;
  /** What PM2 has and nobody watches. */
  readonly unwatched: { readonly name: string; readonly instance: number }[] = [];
  #generation = 0;
  #atDisk = 0;
  /** How many real messages are on their way. */
  #onTheWay = 0;
  /** The last wait for the disk was in vain. */
  #isHung = false;
  answer: (channel: string) => Promise<SendResult> = () =>
    Promise.resolve({ kind: 'sent', answer: 'ok' });

  constructor(dir: string, channels: readonly (string | Channel)[] = ['phone']) {
    this.dir = dir;
    this.channels = channels;
  }

  app(name: string, block?: Readonly<Record<string, unknown>>): App {
    const app = new App(this, name, block);
    this.apps.push(app);
    return app;
  }

  async open(files: Files = systemFiles): Promise<Notifier> {
    this.#generation += 1;
    const generation = this.#generation;
    const notifier = await Notifier.open({
      dir: this.dir,
      clock: this.clock,
      disk: this.#disk(),
      files,
      log: { line: () => undefined },
      channels: this.channels.map((each) =>
        typeof each === 'string' ? this.#channel(each) : this.#counted(each),
      ),
      host: 'box',
      views: () => this.apps.map((app) => app.view()),
      ownTrouble: () => this.ownTrouble,
      isJudging: () => this.isJudging,
      listed: () =>
        this.isListRead ? [...this.apps.map((app) => app.view()), ...this.unwatched] : null,
    });
    // One whose disk hung, and that was killed meanwhile, does not begin.
    if (generation !== this.#generation) return notifier;
    this.notifier = notifier;
    notifier.start();
    return notifier;
  }

  /** Lets time pass second by second, with time for the disk in each. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      await this.clock.pass(Math.min(1_000, left));
      await this.settle();
    }
  }

  /** Lets what the disk and the sinks answer take effect. A disk that hangs is waited for once. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const arrived = performance.now() + 5_000;
    while (this.#onTheWay > 0 && performance.now() < arrived) await sleep(1);
    const until = performance.now() + (this.#isHung ? 0 : 200);
    while (this.#atDisk > 0 && performance.now() < until) await sleep(1);
    this.#isHung = this.#atDisk > 0;
    this.#atDisk = 0;
  }

  /** The real queue, by real time: the disk is real too. */
  #disk(): DiskQueue {
    const disk = new DiskQueue(systemClock);
    const run = disk.run.bind(disk);
    disk.run = async (operation, whenLate) => {
      this.#atDisk += 1;
      try {
        return await run(operation, whenLate);
      } finally {
        this.#atDisk = Math.max(0, this.#atDisk - 1);
      }
    };
    return disk;
  }

  /** `opened web api; resolved web`. */
  get said(): string {
    return this.got
      .map(({ notice: { event, apps } }) => `${event} ${apps.map(({ app }) => app).join(' ')}`)
      .join('; ');
  }

  /** A real channel, whose sending takes no time of the simulated clock. */
  #counted(channel: Channel): Channel {
    return {
      ...channel,
      send: async (notice, signal) => {
        this.#onTheWay += 1;
        try {
          return await channel.send(notice, signal);
        } finally {
          this.#onTheWay -= 1;
        }
      },
    };
  }

  #channel(name: string): Channel {
    return {
      name,
      kind: 'webhook',
      shown: 'webhook (127.0.0.1)',
      minSeverity: 'info',
      endpoint: null,
      send: async (notice) => {
        const answer = await this.answer(name);
        if (answer.kind === 'sent') this.got.push({ channel: name, notice });
        return answer;
      },
    };
  }
}
