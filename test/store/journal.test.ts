import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { systemFiles, type Files } from '../../src/store/files.ts';
import { Journal, type OpenedJournal } from '../../src/store/journal.ts';
import { FILE_BYTES } from '../../src/store/journal-files.ts';
import { parseJournalLine, type JournalLine } from '../../src/store/journal-line.ts';
import { DiskQueue } from '../../src/time/disk-queue.ts';
import { systemClock as clock } from '../../src/time/clock.ts';
import { until } from '../support/until.ts';

const AT = '2026-11-23T08:00:00.000Z';

function lineOf(text: string): JournalLine {
  return {
    schemaVersion: 1,
    at: AT,
    app: 'web',
    instance: 0,
    incident: 'a1',
    event: 'decided',
    text,
  };
}

describe('the incident journal', () => {
  let root: string;
  let count = 0;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'pl-jour-'));
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  const fresh = (): string => join(root, String((count += 1)));
  const fileOf = (dir: string): string => join(dir, 'incidents.jsonl');
  const texts = ({ lines }: OpenedJournal): string[] => lines.map(({ text }) => text);

  async function write(dir: string, ...said: readonly string[]): Promise<void> {
    const { journal } = await Journal.open({ dir, clock });
    for (const text of said) journal.append(lineOf(text));
    await journal.close();
    assert.equal(journal.trouble, null);
  }

  test('gives the next reader every line, in order, and is its owner’s alone', async () => {
    const dir = fresh();
    await write(dir, 'one', 'two');
    await write(dir, 'three');
    const opened = await Journal.open({ dir, clock });
    assert.deepEqual(texts(opened), ['one', 'two', 'three']);
    assert.equal(opened.warning, null);
    assert.equal(statSync(fileOf(dir)).mode & 0o777, 0o600);
    assert.equal(statSync(dir).mode & 0o777, 0o700);
    chmodSync(fileOf(dir), 0o644);
    await write(dir, 'four');
    assert.equal(statSync(fileOf(dir)).mode & 0o777, 0o600);
  });

  test('no file is none, and nothing is written for nothing', async () => {
    const dir = fresh();
    const { journal, lines, warning } = await Journal.open({ dir, clock });
    assert.deepEqual([lines, warning], [[], null]);
    await journal.close();
    assert.throws(() => readdirSync(dir), { code: 'ENOENT' });
  });

  test('a broken end costs one line, and is not joined with the next', async () => {
    const dir = fresh();
    await write(dir, 'one', 'two');
    truncateSync(fileOf(dir), statSync(fileOf(dir)).size - 9);
    await write(dir, 'three');
    assert.deepEqual(texts(await Journal.open({ dir, clock })), ['one', 'three']);
  });

  test('lines that are not ours are passed over', async () => {
    const dir = fresh();
    await write(dir, 'one');
    appendFileSync(fileOf(dir), 'null\n{}\n[1]\n{"schemaVersion":2}\n\u0000\u0001\n');
    await write(dir, 'two');
    assert.deepEqual(texts(await Journal.open({ dir, clock })), ['one', 'two']);
  });

  test('a file without one line of ours is set aside, with a warning', async () => {
    const cases: readonly [put: (path: string) => void, why: RegExp][] = [
      [(path) => writeFileSync(path, 'a diary\n'), /has no line of an incident journal/],
      [(path) => mkdirSync(path), /is not a regular file/],
      [(path) => symlinkSync('/dev/zero', path), /is not a regular file/],
      [
        (path) => (writeFileSync(path, ''), truncateSync(path, 3 * FILE_BYTES)),
        /more than the monitor ever writes/,
      ],
    ];
    for (const [put, wanted] of cases) {
      const dir = fresh();
      mkdirSync(dir);
      put(fileOf(dir));
      const { journal, lines, warning } = await Journal.open({ dir, clock });
      assert.match(warning ?? '', wanted);
      assert.match(
        warning ?? '',
        /set aside as incidents\.jsonl\.bad-\d{15}; a new journal is started/,
      );
      assert.deepEqual(lines, []);
      journal.append(lineOf('new'));
      await journal.close();
      assert.deepEqual(texts(await Journal.open({ dir, clock })), ['new']);
    }
  });

  test('full files make room, and only the newest four are kept', async () => {
    const dir = fresh();
    const large = 'x'.repeat(FILE_BYTES / 2 - 500);
    for (let nth = 0; nth < 13; nth += 1) await write(dir, `${nth} ${large}`);
    assert.deepEqual(readdirSync(dir).sort(), [
      'incidents.1.jsonl',
      'incidents.2.jsonl',
      'incidents.3.jsonl',
      'incidents.jsonl',
    ]);
    for (const name of readdirSync(dir)) assert.ok(statSync(join(dir, name)).size <= FILE_BYTES);
    const numbers = texts(await Journal.open({ dir, clock })).map((text) =>
      Number.parseInt(text, 10),
    );
    assert.deepEqual(numbers, [6, 7, 8, 9, 10, 11, 12]);
  });

  test('a disk that accepts nothing is reported once, loses nothing, and is reported when it accepts again', async () => {
    const dir = fresh();
    let isFull = true;
    const files: Files = {
      ...systemFiles,
      open: (path, flags, mode) => {
        if (isFull)
          throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        return systemFiles.open(path, flags, mode);
      },
    };
    const told: (string | null)[] = [];
    const { journal } = await Journal.open({
      dir,
      clock,
      files,
      tell: (trouble) => told.push(trouble),
    });
    journal.append(lineOf('one'));
    await journal.flush();
    journal.append(lineOf('two'));
    await journal.flush();
    assert.match(journal.trouble ?? '', /incidents\.jsonl: ENOSPC/);
    isFull = false;
    await until('it is tried again by itself', () => journal.trouble === null);
    journal.append(lineOf('three'));
    await journal.close();
    assert.equal(told.length, 2);
    assert.deepEqual(texts(await Journal.open({ dir, clock })), ['one', 'two', 'three']);
  });

  test('what a slow disk has written late is not written once more', async () => {
    const dir = fresh();
    let letGo = (): void => undefined;
    let held: Promise<void> | null = null;
    const files: Files = {
      ...systemFiles,
      open: async (...given) => {
        await held;
        return systemFiles.open(...given);
      },
    };
    const disk = new DiskQueue(clock, 1_000);
    const { journal } = await Journal.open({ dir, clock, files, disk });
    held = new Promise<void>((resolve) => (letGo = resolve));
    journal.append(lineOf('one'));
    await journal.flush();
    assert.match(journal.trouble ?? '', /did not answer/);
    // It waits for the first write, which then ends well.
    const again = journal.flush();
    await turn();
    journal.append(lineOf('two'));
    letGo();
    await again;
    await until('it is written', () => journal.trouble === null);
    await journal.close();
    const told = texts(await Journal.open({ dir, clock }));
    assert.equal(told.filter((text) => text === 'one').length, 1);
  });

  test('what waited for a full disk is written in files that the next start reads', async () => {
    const dir = fresh();
    let isFull = true;
    const files: Files = {
      ...systemFiles,
      open: async (...given) => {
        if (isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        return systemFiles.open(...given);
      },
    };
    const { journal } = await Journal.open({ dir, clock, files });
    const long = 'y'.repeat(5_000);
    for (let at = 0; at < 500; at += 1) journal.append(lineOf(`${at} ${long}`));
    await journal.flush();
    assert.match(journal.trouble ?? '', /no space left/);
    isFull = false;
    await journal.close();
    assert.equal(journal.trouble, null);
    const again = await Journal.open({ dir, clock });
    assert.equal(again.warning, null);
    assert.deepEqual(
      texts(again).map((text) => parseInt(text, 10)),
      Array.from({ length: 500 }, (_, at) => at),
    );
    for (const name of readdirSync(dir)) assert.ok(statSync(join(dir, name)).size <= FILE_BYTES);
  });

  test('who lost the lock writes no more', async () => {
    const dir = fresh();
    await write(dir, 'one');
    const { journal } = await Journal.open({ dir, clock });
    journal.append(lineOf('late'));
    await journal.abandon();
    await journal.close();
    assert.doesNotMatch(readFileSync(fileOf(dir), 'utf8'), /late/);
  });
});

describe('a line of the journal', () => {
  const record = {
    openedAt: AT,
    detectedAt: AT,
    class: 'timeout',
    detail: 'no answer',
    resolvedAt: null,
    end: null,
    downtimeMs: null,
    restarts: 0,
    actions: [{ at: AT, method: 'restart', result: 'done', detail: 'restarted' }],
    trail: [{ at: AT, text: 'failing 1/3' }],
    errorLog: { writtenAt: AT, lines: ['Error: x'] },
  };

  test('is read back as it was written', () => {
    const line = { ...lineOf('timeout'), event: 'opened', record };
    assert.deepEqual(parseJournalLine(JSON.stringify(line)), line);
  });

  test('is none with any part of another shape', () => {
    const good = { ...lineOf('timeout'), event: 'opened', record };
    const bad: readonly object[] = [
      { ...good, at: 'yesterday' },
      { ...good, event: 'sang' },
      { ...good, app: 1 },
      { ...good, record: { ...record, openedAt: 0 } },
      { ...good, record: { ...record, trail: [{}] } },
      { ...good, record: { ...record, actions: ['restart'] } },
      { ...good, record: { ...record, errorLog: { writtenAt: AT, lines: [1] } } },
      { ...good, action: {} },
    ];
    for (const line of bad) assert.equal(parseJournalLine(JSON.stringify(line)), null);
  });
});
