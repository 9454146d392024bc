import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AgentAnswer } from '../../src/agent/shapes.ts';
import { HeapWatch, type HeapDeps } from '../../src/diagnosis/heap/heap-watch.ts';
import { MemoryWatch } from '../../src/diagnosis/memory-watch.ts';
import type { OsReader, ProcessFacts } from '../../src/os/os-reader.ts';
import type { Sample } from '../../src/probe/probe.ts';
import { observationOf } from '../../src/target/observation.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { managed } from '../support/fake-pm2.ts';

const APP = observationOf(managed({ pid: 100 }), new FakeClock());
const NEXT = { ...APP, incarnation: 'another' };
const OK: Sample = { kind: 'ok', detail: '200', at: 1, durationMs: 1 };
const TIMEOUT = { kind: 'fail', class: 'timeout', detail: 'none', at: 1, durationMs: 1 } as const;
const LIMIT = 100 * 1_048_576;
const HEAP = { usedBytes: 1_048_576, externalBytes: null, objects: [], file: null, note: null };
const ANSWER = { schemaVersion: 1, pid: 101, birth: 'b', heap: HEAP } as unknown as AgentAnswer;

/** An app whose process uses `mb`, watched with an agent that answers when `end` is called. */
class Play {
  mb = 200;
  time = 0;
  readonly asked: string[] = [];
  end: (answer: AgentAnswer | null) => void = () => undefined;
  readonly heap: HeapWatch;
  readonly memory: MemoryWatch;

  constructor(isSlow: boolean, nextFile?: HeapDeps['nextFile']) {
    const clock = { now: () => this.time, wall: () => 0, sleep: async () => undefined };
    const facts = (pid: number, mb: number): ProcessFacts => ({
      pid,
      ppid: pid === 100 ? 1 : 100,
      birth: `b${pid}`,
      uid: 0,
      startedAtMs: 0,
      cpuMs: 0,
      rssBytes: mb * 1_048_576,
      state: 'sleeping',
      tracerPid: 0,
      command: 'node',
    });
    const processes = async (): Promise<Map<number, ProcessFacts>> =>
      new Map([
        [100, facts(100, 10)],
        [101, facts(101, this.mb - 10)],
      ]);
    this.heap = new HeapWatch({
      clock,
      pm2Home: '/nowhere',
      ...(nextFile && { nextFile }),
      ask: async (_home, { pid }, ask) => {
        this.asked.push(`${pid} ${ask}`);
        if (!isSlow) return null;
        return new Promise<AgentAnswer | null>((resolve) => {
          this.end = resolve;
        });
      },
    });
    this.memory = new MemoryWatch({ processes } as unknown as OsReader, clock, this.heap);
  }

  judge(app = APP, wantsSnapshot = false): Promise<Sample> {
    this.time += 5_000;
    return this.memory.judge(app, LIMIT, { sample: OK, wantsSnapshot });
  }

  /** Too much, for half a minute. */
  async over(wantsSnapshot = false): Promise<Sample> {
    for (let look = 0; look < 6; look += 1) assert.equal(await this.judge(), OK);
    return this.judge(APP, wantsSnapshot);
  }
}

describe('an app that uses too much memory', () => {
  test('fails at once where nobody can look at its heap', async () => {
    const play = new Play(false);
    const sample = await play.over();
    assert.ok(sample.kind === 'fail' && sample.class === 'memory');
    assert.deepEqual(play.asked, ['101 heap'], 'the process that uses most');
    await play.judge();
    assert.equal(play.asked.length, 1);
    assert.equal(play.heap.lines, null);
  });

  test('is held while its heap is being looked at, also where it does not answer then', async () => {
    const play = new Play(true);
    const held = await play.over();
    assert.ok(held.kind === 'unknown' && held.cause === 'pending');
    const silent = play.memory.explain(APP, LIMIT, TIMEOUT);
    assert.ok(silent.kind === 'unknown');
    assert.equal(play.memory.explain(APP, LIMIT, { ...TIMEOUT, class: 'refused' }).kind, 'fail');
    play.end(ANSWER);
    const sample = await play.judge();
    assert.ok(sample.kind === 'fail' && sample.class === 'memory');
    assert.deepEqual(play.heap.lines, ['its heap uses 1 MB']);
    const late = play.memory.explain(APP, LIMIT, TIMEOUT);
    assert.ok(late.kind === 'fail' && late.class === 'memory');
  });

  test('has no limit any more where its block was changed', async () => {
    const play = new Play(true);
    await play.over();
    play.end(ANSWER);
    await play.judge();
    assert.equal(play.memory.explain(APP, null, TIMEOUT), TIMEOUT);
    assert.equal(play.heap.lines, null);
  });

  test('is asked without a file where the disk of the snapshots hangs', async () => {
    const play = new Play(false, () => new Promise(() => undefined));
    await play.over(true);
    await new Promise(setImmediate);
    assert.deepEqual(play.asked, ['101 heap']);
    assert.equal(play.heap.isLooking, false);
  });

  test('is forgotten where it uses less again, and with its next start', async () => {
    const play = new Play(true);
    await play.over();
    play.end(ANSWER);
    await play.judge();
    play.mb = 50;
    assert.equal(await play.judge(), OK);
    assert.equal(play.heap.lines, null);
    play.mb = 200;
    await play.over();
    play.end(ANSWER);
    await play.judge();
    assert.ok(play.heap.lines !== null);
    assert.equal(play.memory.explain(NEXT, LIMIT, TIMEOUT), TIMEOUT);
    assert.equal(play.heap.lines, null);
  });

  test('an answer that comes after its next start is dropped', async () => {
    const play = new Play(true);
    await play.over();
    assert.equal(await play.judge(NEXT), OK);
    play.end(ANSWER);
    await new Promise(setImmediate);
    assert.equal(play.heap.lines, null);
  });
});
