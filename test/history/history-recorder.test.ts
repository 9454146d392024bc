import assert from 'node:assert/strict';
import {
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { HistoryRecorder } from '../../src/history/history-recorder.ts';
import { historyFileName } from '../../src/history/series/history-file.ts';
import { MOST_HISTORIES } from '../../src/history/series/history-folder.ts';
import type { Viewed } from '../../src/report/worker-events.ts';
import type { TargetView } from '../../src/report/view.ts';
import { systemFiles, type Files } from '../../src/store/files.ts';
import { DiskQueue } from '../../src/time/disk-queue.ts';
import { enterState, unknownUptime } from '../../src/uptime/figures.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { OK } from '../support/verdict-driver.ts';

const MINUTE = 60_000;

/** A watched app that is up. */
class App implements Viewed {
  uptime;
  readonly name: string;

  constructor(name: string, clock: FakeClock) {
    this.name = name;
    this.uptime = enterState(unknownUptime(clock.now()), 'up', clock.now());
  }

  view(): TargetView {
    // as: the recorder reads no more of it.
    return { name: this.name, instance: 0, uptime: this.uptime } as TargetView;
  }
}

describe('HistoryRecorder', () => {
  let dir: string;
  let clock: FakeClock;
  let apps: App[];
  let lines: string[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pl-history-'));
    clock = new FakeClock();
    // The start of an hour.
    clock.wallTime = Date.parse('2026-11-20T10:00:00Z');
    apps = [new App('web', clock)];
    lines = [];
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  function open(files: Files = systemFiles): HistoryRecorder {
    const log = {
      line: (level: string, message: string) => void lines.push(`${level} ${message}`),
    };
    const disk = new DiskQueue(clock);
    return new HistoryRecorder({ dir, clock, disk, log, files, targets: () => apps });
  }

  /** Records this many minutes, with an answer in each. */
  async function record(recorder: HistoryRecorder, minutes: number): Promise<void> {
    for (let n = 0; n < minutes; n += 1) {
      await clock.pass(MINUTE);
      for (const target of apps) {
        recorder.onEvent({ type: 'sample', target, sample: { ...OK, at: 0, durationMs: 5 } });
      }
      await recorder.collect();
      await recorder.save();
    }
  }

  function upMinutes(recorder: HistoryRecorder, name = 'web'): number {
    const hours = recorder.of(name, 0)?.series('1h') ?? [];
    return Math.round(hours.reduce((sum, { upMs }) => sum + upMs, 0) / MINUTE);
  }

  const folder = (): string => join(dir, 'history');
  const files = (): string[] => readdirSync(folder());

  test('keeps the history through a kill, and leaves the time between unobserved', async () => {
    await record(open(), 10);
    // Killed: neither closed nor told.
    await clock.pass(30 * MINUTE);
    apps = [new App('web', clock)];
    const second = open();
    await record(second, 5);
    assert.equal(upMinutes(second), 15);
    const [hour] = second.of('web', 0)?.series('1h') ?? [];
    assert.deepEqual([hour?.downMs, hour?.checks, hour?.unobservedMs], [0, 15, 30 * MINUTE]);
    assert.deepEqual(lines, []);
  });

  test('shows the history soon after the start, as the apps come, and not only when a minute has ended', async () => {
    apps = [new App('web', clock), new App('api', clock)];
    await record(open(), 10);
    await clock.pass(5_000);
    apps = [];
    const recorder = open();
    recorder.start();
    for (const name of ['web', 'api']) {
      await clock.pass(2_000);
      assert.equal(upMinutes(recorder, name), 0);
      apps = [...apps, new App(name, clock)];
      await clock.pass(2_000);
      await until(`the history of ${name}`, () => upMinutes(recorder, name) === 10);
    }
    recorder.abandon();
  });

  test('writes what is recorded at a stop, and adds minutes to the file instead of writing it again', async () => {
    const recorder = open();
    await record(recorder, 2);
    const [name = ''] = files();
    const { ino, size } = statSync(join(folder(), name));
    await clock.pass(MINUTE);
    await recorder.collect();
    await recorder.close();
    const now = statSync(join(folder(), name));
    assert.equal(now.ino, ino);
    assert.ok(now.size > size && now.size < size + 100);
    const next = open();
    apps = [new App('web', clock)];
    await record(next, 1);
    assert.equal(upMinutes(next), 4);
  });

  test('keeps the files of an app below 200 KB, private, and one for each app', async () => {
    apps.push(new App('api', clock));
    const recorder = open();
    await record(recorder, 40);
    assert.equal(files().length, 2);
    for (const file of files()) {
      const { mode, size } = statSync(join(folder(), file));
      assert.equal(mode & 0o777, 0o600);
      assert.ok(size < 200_000);
    }
    assert.equal(statSync(folder()).mode & 0o777, 0o700);
    assert.deepEqual(
      recorder.names().map(({ name }) => name),
      ['web', 'api'],
    );
  });

  test('goes on after a torn end, and writes the file whole', async () => {
    await record(open(), 10);
    const path = join(folder(), files()[0] ?? '');
    truncateSync(path, statSync(path).size - 5);
    apps = [new App('web', clock)];
    const second = open();
    await record(second, 2);
    assert.equal(upMinutes(second), 11);
    apps = [new App('web', clock)];
    const third = open();
    await record(third, 1);
    assert.equal(upMinutes(third), 12);
    assert.deepEqual(lines, []);
  });

  test('sets a foreign file and one of a newer version aside, with one warning, and begins again', async () => {
    await record(open(), 3);
    const path = join(folder(), files()[0] ?? '');
    const newer = readFileSync(path, 'latin1').replace('"schemaVersion":1', '"schemaVersion":7');
    for (const text of [newer, 'not ours']) {
      writeFileSync(path, text, 'latin1');
      lines = [];
      apps = [new App('web', clock)];
      const recorder = open();
      await record(recorder, 2);
      assert.equal(upMinutes(recorder), 2);
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', /^warn .*set aside as .*\.bad-.*begins again/);
      assert.match(recorder.warning ?? '', /set aside/);
    }
    assert.equal(files().filter((file) => file.includes('.bad-')).length, 2);
  });

  test('does not write into a file that somebody else has written', async () => {
    const recorder = open();
    await record(recorder, 3);
    const path = join(folder(), files()[0] ?? '');
    writeFileSync(path, 'hello');
    await record(recorder, 1);
    apps = [new App('web', clock)];
    const next = open();
    await record(next, 1);
    assert.equal(upMinutes(next), 5);
  });

  test('records on while the disk refuses, reports it once, and writes all of it later', async () => {
    let isFull = true;
    const refuse = { ...systemFiles };
    refuse.open = async (...given: Parameters<Files['open']>) => {
      if (isFull && given[1] !== 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      return systemFiles.open(...given);
    };
    const recorder = open(refuse);
    await record(recorder, 5);
    assert.equal(upMinutes(recorder), 5);
    assert.deepEqual(lines.length, 1);
    assert.match(lines[0] ?? '', /^warn the history of the apps is not saved/);
    isFull = false;
    await record(recorder, 1);
    assert.match(lines[1] ?? '', /saved again/);
    assert.equal(recorder.warning, null);
    apps = [new App('web', clock)];
    const next = open();
    await record(next, 1);
    assert.equal(upMinutes(next), 7);
  });

  for (const wrong of ['read', 'written'] as const) {
    test(`saves and reads the other apps while the file of one cannot be ${wrong}`, async () => {
      apps.push(new App('api', clock));
      await record(open(), 3);
      const broken = historyFileName({ name: 'web', instance: 0 });
      const refuse = { ...systemFiles };
      refuse.open = async (...given: Parameters<Files['open']>) => {
        const isMeant = String(given[0]).includes(broken) && (wrong === 'read' || given[1] !== 0);
        if (isMeant) throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
        return systemFiles.open(...given);
      };
      apps = [new App('web', clock), new App('api', clock)];
      const recorder = open(refuse);
      await record(recorder, 2);
      assert.equal(upMinutes(recorder, 'api'), 5);
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', /is not saved.*history\/[0-9a-f]{16}-0\.history.*: EIO/);
      apps = [new App('api', clock)];
      const next = open();
      await record(next, 1);
      assert.equal(upMinutes(next, 'api'), 6, 'they are in its file');
    });
  }

  test('ends an attempt at the first file for which the disk hangs', async () => {
    apps.push(new App('api', clock));
    const opened: string[] = [];
    const hang = { ...systemFiles };
    hang.open = (path) => {
      opened.push(String(path));
      return new Promise(() => undefined);
    };
    const recorder = open(hang);
    await clock.pass(MINUTE);
    await recorder.collect();
    const saved = recorder.save();
    for (let n = 0; n < 4; n += 1) await clock.pass(1_000);
    await saved;
    assert.equal(opened.length, 1);
    assert.match(recorder.warning ?? '', /is not saved.*the disk did not answer within 2000 ms/);
  });

  test('removes files that were not written for 90 days, and unfinished ones', async () => {
    apps.push(new App('old', clock));
    await record(open(), 1);
    for (const file of files()) {
      const at = (clock.wall() - 91 * 86_400_000) / 1_000;
      utimesSync(join(folder(), file), at, at);
    }
    writeFileSync(join(folder(), `${'0'.repeat(16)}-0.history.123.tmp`), '');
    writeFileSync(join(folder(), 'note.txt'), 'of a person');
    apps = [new App('web', clock)];
    await record(open(), 60);
    assert.equal(files().length, 2);
    assert.ok(files().includes('note.txt'));
  });

  test('keeps the files of apps that come later while the clock of a machine is wrong after its start', async () => {
    apps.push(new App('api', clock));
    await record(open(), 1);
    const right = clock.wallTime;
    clock.wallTime += 400 * 86_400_000;
    apps = [new App('web', clock)];
    const recorder = open();
    await record(recorder, 30);
    clock.wallTime = right + 30 * MINUTE;
    await record(recorder, 5);
    // The other way round, while it runs.
    clock.wallTime += 400 * 86_400_000;
    await record(recorder, 50);
    assert.equal(files().length, 2);
    clock.wallTime = right + 85 * MINUTE;
    await record(recorder, 70);
    assert.equal(files().length, 2);
  });

  test('asks an app beyond the most that have a history for its view once a minute, not with each probe', async () => {
    apps = Array.from({ length: MOST_HISTORIES }, (_, n) => new App(`app-${n}`, clock));
    let views = 0;
    class Late extends App {
      override view(): TargetView {
        views += 1;
        return super.view();
      }
    }
    const late = new Late('late', clock);
    apps.push(late);
    const recorder = open();
    await recorder.collect();
    views = 0;
    const sample = { ...OK, at: 0, durationMs: 5 };
    for (let n = 0; n < 5; n += 1) recorder.onEvent({ type: 'sample', target: late, sample });
    assert.equal(views, 0);
    assert.equal(recorder.of('late', 0), null);
    apps = apps.slice(1);
    // The first collection finds that one is gone, the next has room.
    await recorder.collect();
    await recorder.collect();
    recorder.onEvent({ type: 'sample', target: late, sample });
    await clock.pass(MINUTE);
    await recorder.collect();
    assert.equal(recorder.of('late', 0)?.series('1h')[0]?.checks, 1);
  });

  test('writes nothing after it was abandoned', async () => {
    const recorder = open();
    await record(recorder, 1);
    const before = readFileSync(join(folder(), files()[0] ?? ''));
    await clock.pass(MINUTE);
    await recorder.collect();
    recorder.abandon();
    await recorder.close();
    assert.deepEqual(readFileSync(join(folder(), files()[0] ?? '')), before);
  });

  test('forgets an app that is no longer watched, and continues it when it is back', async () => {
    const recorder = open();
    await record(recorder, 3);
    apps = [];
    await record(recorder, 2);
    assert.equal(recorder.of('web', 0), null);
    apps = [new App('web', clock)];
    await record(recorder, 4);
    assert.equal(upMinutes(recorder), 7);
  });
});
