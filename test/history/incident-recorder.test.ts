import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readBlock } from '../../src/config/target-config.ts';
import { IncidentRecorder } from '../../src/history/incident-recorder.ts';
import { readOpenIncidents } from '../../src/history/incident-record.ts';
import { RestartHistory } from '../../src/monitor/worker/restart-history.ts';
import { logEvents } from '../../src/report/worker-events.ts';
import { UptimeTracker } from '../../src/uptime/tracker.ts';
import type { LogTail } from '../../src/os/log-tail.ts';
import type { TargetView } from '../../src/report/view.ts';
import { Journal } from '../../src/store/journal.ts';
import type { JournalLine } from '../../src/store/journal-line.ts';
import { initialVerdict } from '../../src/verdict/verdict.ts';
import { unknownUptime } from '../../src/uptime/figures.ts';
import type { Event } from '../../src/verdict/event.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { Driver, fail, OK, policyOf } from '../support/verdict-driver.ts';

const read = readBlock({ tcp: '127.0.0.1:1' }, {});
assert.ok(read.ok);
const { config } = read;
const TIMEOUT = fail('timeout');
const CRASHED = {
  cause: 'crash',
  detail: 'crashed after 200ms, exit code 1: TypeError: the cache is no map',
  count: 1,
} as const;

/** One app whose events the test makes, and the recorder that gets each as from a worker. */
class Story extends Driver {
  readonly recorder: IncidentRecorder;
  readonly watch = new UptimeTracker(unknownUptime(0));

  constructor(recorder: IncidentRecorder) {
    super(policyOf());
    this.recorder = recorder;
  }

  view(): TargetView {
    const { verdict, policy } = this;
    return {
      name: 'web',
      pmId: 0,
      pid: 1,
      instance: 0,
      config: { ...config, policy },
      verdict,
      last: null,
      restartsTotal: 0,
      uptime: this.watch.uptime,
      errorLog: '/logs/web-error.log',
    };
  }

  override apply(event: Event): this {
    const told = this.decisions.length;
    super.apply(event);
    this.watch.onState(this.verdict, event.type === 'sample' ? event.sample : null);
    for (const decision of this.decisions.slice(told)) {
      this.watch.onDecision(decision, this.now);
      this.recorder.onEvent({ type: 'decision', view: this.view(), decision });
    }
    return this;
  }

  hangs(): this {
    return this.comesOnline().answers(OK, TIMEOUT, TIMEOUT, TIMEOUT);
  }

  comesBack(): this {
    return this.restarted().answers(OK);
  }

  execution(result: 'done' | 'failed', detail: string): this {
    const order = {
      pmId: 0,
      name: 'web',
      method: 'restart',
      incarnation: 'x',
      orphan: [],
    } as const;
    const execution = { result, detail };
    const view = this.view();
    this.recorder.onEvent({ type: 'executed', view, order, execution, isRepeated: false });
    return this;
  }
}

describe('the incident recorder', () => {
  let root: string;
  let count = 0;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'pl-chron-'));
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  const fresh = (): string => join(root, String((count += 1)));
  const log = { line: () => undefined };
  const clock = new FakeClock();
  const TAIL: LogTail = { writtenAt: 1_700_000_000_000, lines: ['Error: out of luck'] };

  async function begin(
    dir: string,
    readTail = async (): Promise<LogTail | null> => TAIL,
  ): Promise<Story> {
    return new Story(await IncidentRecorder.open({ dir, clock, log, readTail }));
  }

  async function linesIn(dir: string): Promise<readonly JournalLine[]> {
    return (await Journal.open({ dir, clock })).lines;
  }

  test('writes an incident from its first sign to its end', async () => {
    const dir = fresh();
    const story = await begin(dir);
    story.hangs().execution('done', 'restarted').comesBack();
    await story.recorder.close();
    const lines = await linesIn(dir);
    assert.deepEqual(
      lines.map(({ event }) => event),
      ['opened', 'acted', 'decided', 'resolved'],
    );
    assert.equal(new Set(lines.map(({ incident }) => incident)).size, 1);
    const record = lines.at(-1)?.record;
    assert.equal(record?.class, 'timeout');
    assert.equal(record.end, 'recovered');
    assert.equal(record.restarts, 1);
    assert.deepEqual(
      record.actions.map(({ method, result }) => [method, result]),
      [['restart', 'done']],
    );
    assert.deepEqual(record.errorLog?.lines, ['Error: out of luck']);
    assert.match(
      record.trail.map(({ text }) => text).join('\n'),
      /restarting: 3 of 3 checks timed out .*; restart 1 of 5 in 10m/,
    );
    assert.ok((record.downtimeMs ?? 0) > 2_000);
    assert.ok(Date.parse(record.openedAt) < Date.parse(record.detectedAt));
    assert.ok(Date.parse(record.detectedAt) < Date.parse(record.resolvedAt ?? ''));
  });

  test('500 restarts by PM2 in ten minutes: one incident, a small journal, a short log, no growth', async () => {
    const dir = fresh();
    const story = await begin(dir);
    const said: string[] = [];
    const write = logEvents({ line: (_, message) => said.push(message) });
    const history = new RestartHistory();
    const sizes: number[] = [];
    story.comesOnline().answers(OK);
    for (let times = 1; times <= 500; times += 1) {
      const before = story.decisions.length;
      story.process('transit').after(200).comesOnline();
      const at = story.now;
      story.apply(history.note({ pmId: 0, at, ...CRASHED }, undefined, at)).answers(OK);
      for (const decision of story.decisions.slice(before)) {
        write({ type: 'decision', view: story.view(), decision });
      }
      sizes.push(JSON.stringify([story.verdict, history.list]).length);
    }
    await story.recorder.close();
    const opened = (await linesIn(dir)).filter(({ event }) => event === 'opened');
    assert.equal(opened.length, 1);
    assert.deepEqual(story.restarts, []);
    assert.ok(said.length < 40, said.join('\n'));
    assert.ok(statSync(join(dir, 'incidents.jsonl')).size < 20_000);
    assert.equal(history.list.last.length, 20);
    const [early = 0, last = 0] = [sizes[99], sizes[499]];
    // Numbers become longer, and nothing else does.
    assert.ok(last - early < 200, `${early} and then ${last} characters`);
  });

  test('continues an incident that an earlier monitor left open', async () => {
    const dir = fresh();
    const first = await begin(dir);
    first.hangs().execution('done', 'restarted');
    await first.recorder.close();
    const next = await begin(dir);
    // As the store gives it back.
    next.now = first.now;
    next.verdict = initialVerdict(first.now, first.verdict.memory, {
      incident: first.verdict.incident,
      answered: null,
    });
    next.comesOnline().answers(OK);
    await next.recorder.close();
    const lines = await linesIn(dir);
    assert.equal(new Set(lines.map(({ incident }) => incident)).size, 1);
    const record = lines.at(-1)?.record;
    assert.equal(record?.actions.length, 1);
    assert.deepEqual(record.errorLog?.lines, ['Error: out of luck']);
  });

  test('ends one whose end a killed monitor did not write, before all else', async () => {
    const dir = fresh();
    const first = await begin(dir);
    first.hangs().execution('done', 'restarted');
    await first.recorder.close();
    const next = await begin(dir);
    // The store has it that the app was well.
    next.now = first.now;
    next.comesOnline().answers(OK);
    next.now += 60_000;
    next.hangs();
    await next.recorder.close();
    const ends = (await linesIn(dir)).filter(({ event }) => /opened|resolved/.test(event));
    assert.deepEqual(
      ends.map(({ event, record }) => [event, record?.end]),
      [
        ['opened', null],
        ['resolved', 'unseen'],
        ['opened', null],
      ],
    );
  });

  test('goes on with one that a killed monitor had written, but not saved', async () => {
    const dir = fresh();
    const first = await begin(dir);
    first.hangs();
    await first.recorder.close();
    const next = await begin(dir);
    next.now = first.now;
    next.comesOnline(600_000).answers(TIMEOUT, TIMEOUT, TIMEOUT);
    next.execution('done', 'restarted').comesBack();
    await next.recorder.close();
    const lines = await linesIn(dir);
    const ends = lines.filter(({ event }) => /opened|resolved/.test(event));
    assert.deepEqual(
      ends.map(({ event, record }) => [event, record?.end]),
      [
        ['opened', null],
        ['resolved', 'recovered'],
      ],
    );
    assert.equal(new Set(lines.map(({ incident }) => incident)).size, 1);
  });

  test('the late end of one incident does not end the next', async () => {
    const dir = fresh();
    const story = await begin(dir);
    story.hangs().execution('done', 'restarted').comesBack();
    await story.recorder.close();
    const lines = await linesIn(dir);
    const [first] = lines;
    assert.ok(first);
    // PM2 answered the first restart only when the app had failed once more.
    const left = readOpenIncidents([first, { ...first, incident: 'next' }, ...lines.slice(1)]);
    assert.deepEqual(
      [...left.values()].map(({ id }) => id),
      ['next'],
    );
  });

  test('an app that is well again before the verdict was sure had no incident', async () => {
    const dir = fresh();
    const story = await begin(dir);
    story.comesOnline().answers(OK, TIMEOUT, OK);
    story.answers(TIMEOUT, TIMEOUT, TIMEOUT);
    await story.recorder.close();
    const lines = await linesIn(dir);
    assert.deepEqual(
      lines.map(({ event }) => event),
      ['opened'],
    );
    // The story begins with what led to it, not with what was over before.
    assert.equal(
      lines[0]?.record?.trail.filter(({ text }) => text.includes('failing 1/3')).length,
      1,
    );
  });

  test('a log that cannot be read, or takes forever, costs its lines and no other', async () => {
    const tails: (() => Promise<LogTail | null>)[] = [
      async () => null,
      () => new Promise<never>(() => undefined),
      async () => {
        throw new Error('EIO');
      },
    ];
    for (const readTail of tails) {
      const dir = fresh();
      const story = await begin(dir, readTail);
      story.hangs().comesBack();
      let isClosed = false;
      void story.recorder.close().then(() => (isClosed = true));
      await until('all is written', async () => {
        await clock.pass(500);
        return isClosed;
      });
      const lines = await linesIn(dir);
      assert.equal(lines.at(-1)?.event, 'resolved');
      assert.equal(lines.at(-1)?.record?.errorLog, null);
    }
  });

  test('of a very long story the middle is left out', async () => {
    const dir = fresh();
    const story = await begin(dir);
    story.hangs();
    for (let nth = 0; nth < 60; nth += 1) story.execution('failed', `try ${nth}`);
    story.comesBack();
    await story.recorder.close();
    const actions = (await linesIn(dir)).at(-1)?.record?.actions ?? [];
    assert.equal(actions.length, 40);
    assert.deepEqual([actions[0]?.detail, actions.at(-1)?.detail], ['try 0', 'try 59']);
  });
});
