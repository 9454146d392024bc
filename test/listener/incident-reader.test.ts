import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { IncidentReader } from '../../src/listener/incident-reader.ts';
import { journalPath } from '../../src/store/journal-files.ts';
import { DiskQueue } from '../../src/time/disk-queue.ts';
import { incident, MINUTE } from '../page/made-up.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A queue that knows whether an operation holds it. */
class WatchedQueue extends DiskQueue {
  isHeld = false;

  override run<Value>(operation: () => Promise<Value>): Promise<Value> {
    return super.run(async () => {
      this.isHeld = true;
      try {
        return await operation();
      } finally {
        this.isHeld = false;
      }
    });
  }
}

describe('reading the incidents of the journal', () => {
  let dir = '';
  let clock = new FakeClock();
  let disk = new WatchedQueue(clock);
  const json = (name: string, agoMs: number): string =>
    `${JSON.stringify(incident(name, agoMs, MINUTE))}\n`;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'incidents-'));
    clock = new FakeClock();
    disk = new WatchedQueue(clock);
  });
  afterEach(() => {
    mock.restoreAll();
    rmSync(dir, { recursive: true });
  });

  test('those that have not changed stay the same objects, and are not searched for paths again', async () => {
    const reader = new IncidentReader({ dir, disk, clock });
    writeFileSync(journalPath(dir, 0), json('web', 2 * MINUTE), { mode: 0o600 });
    const [web] = await reader.read();
    assert.equal(web?.app, 'web');
    appendFileSync(journalPath(dir, 0), json('api', MINUTE));
    clock.monotonic += 1_000;
    const both = await reader.read();
    assert.deepEqual(
      both.map(({ app }) => app),
      ['api', 'web'],
    );
    assert.equal(both[1], web);
  });

  test('is done in slices, outside of the queue of the disk', async () => {
    const text = Array.from({ length: 300 }, (_, n) => json('web', n * MINUTE)).join('');
    writeFileSync(journalPath(dir, 0), text, { mode: 0o600 });
    const parse = JSON.parse;
    let [parsed, parsedInQueue, turns, isOver] = [0, 0, 0, false];
    mock.method(JSON, 'parse', (line: string): unknown => {
      parsed += 1;
      parsedInQueue += Number(disk.isHeld);
      return parse(line);
    });
    const count = (): void => {
      if (parsed >= 300) turns += 1;
      if (!isOver) setImmediate(count);
    };
    count();
    // Each look at the clock takes a millisecond: of 300 lines and 300 incidents a fifth may be in one turn.
    mock.method(clock, 'now', () => (clock.monotonic += 1));
    const found = await new IncidentReader({ dir, disk, clock }).read();
    isOver = true;
    assert.equal(found.length, 300);
    assert.equal(parsedInQueue, 0);
    assert.ok(turns >= 60, `${turns}`);
  });
});
