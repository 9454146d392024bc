import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostWatch, type HostWatchDeps } from '../../src/monitor/host-watch.ts';
import { systemClock } from '../../src/time/clock.ts';

const MIB = 1_048_576;

function watchOf(facts: Partial<HostWatchDeps>): { watch: HostWatch; lines: string[] } {
  const lines: string[] = [];
  const watch = new HostWatch({
    clock: systemClock,
    log: { line: (level, message) => lines.push(`${level} ${message}`) },
    isLeading: () => true,
    folders: () => ['/home'],
    freeIn: async () => 1_000 * MIB,
    list: async () => [],
    daemonBytes: async () => 80 * MIB,
    unsaved: async () => [],
    ...facts,
  });
  return { watch, lines };
}

describe('the host of the apps', () => {
  test('has nothing to report where all is well', async () => {
    const { watch, lines } = watchOf({});
    await watch.look();
    assert.deepEqual([watch.troubles(), lines], [[], []]);
  });

  test('what it measured is kept: the fullest disk, and null where nothing is known', async () => {
    const { watch } = watchOf({
      folders: () => ['/home', '/logs', '/gone'],
      freeIn: async (folder) =>
        folder === '/home' ? 900 * MIB : folder === '/logs' ? 700 * MIB : 'hangs',
      list: async () => Promise.reject(new Error('gone')),
    });
    assert.equal(watch.figures().freeBytes, null);
    await watch.look();
    const { listMs, ...rest } = watch.figures();
    assert.equal(listMs, null);
    assert.deepEqual(rest, {
      daemonBytes: 80 * MIB,
      freeBytes: 700 * MIB,
      isSavedListStale: false,
    });
  });

  test('a disk with little room is reported once, and is over only well above the bound', async () => {
    let free = 200;
    const { watch, lines } = watchOf({ freeIn: async () => free * MIB });
    await watch.look();
    await watch.look();
    free = 300;
    await watch.look();
    assert.equal(lines.length, 1);
    assert.match(watch.troubles()[0] ?? '', /^only 300 MB of room in \/home/);
    free = 400;
    await watch.look();
    assert.deepEqual(watch.troubles(), []);
    assert.deepEqual(lines.slice(1), ['info no longer so: little room in /home']);
  });

  test('a disk that hangs, a large daemon, and a PM2 that does not answer', async () => {
    const { watch } = watchOf({
      freeIn: async () => 'hangs',
      daemonBytes: async () => 600 * MIB,
      list: async () => Promise.reject(new Error('gone')),
    });
    await watch.look();
    assert.equal(watch.troubles().length, 2);
  });

  test('apps that are not saved are reported at the second look, a deploy is not', async () => {
    const { watch } = watchOf({ unsaved: async () => ['web'] });
    await watch.look();
    assert.deepEqual(watch.troubles(), []);
    await watch.look();
    assert.match(watch.troubles()[0] ?? '', /gone after a reboot: web; `pm2 save`/);
  });
});
