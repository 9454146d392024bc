import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { FreedPort } from '../../../src/diagnosis/saves/freed-port.ts';
import type { ListeningSocket } from '../../../src/os/os-reader.ts';
import { managed } from '../../support/fake-pm2.ts';

const SOCKET = {} as ListeningSocket;
const FREE = (port: number) => ({ what: `port ${port} is free again`, isFromRun: false });

describe('a port that an app which is down could not have', () => {
  let taken: readonly number[] | null;
  let reported: readonly number[];
  let looks: number;
  let watch: FreedPort;
  const down = managed({ pid: 0, startedAt: 1 });

  beforeEach(() => {
    [taken, reported, looks] = [[], [], 0];
    const sockets = async () => {
      looks += 1;
      return taken && new Map(taken.map((port) => [port, [SOCKET]]));
    };
    const listeners = async () => null;
    const keptOut = { portsTaken: () => reported };
    watch = new FreedPort({ reader: { sockets, listeners }, keptOut });
  });

  test('is seen to be free again, once for each time', async () => {
    taken = [3000];
    assert.equal(await watch.look(down, 3000), null);
    taken = [];
    assert.deepEqual(await watch.look(down, 3000), FREE(3000));
    assert.equal(await watch.look(down, 3000), null);
    taken = [3000];
    assert.equal(await watch.look(down, 3000), null);
    taken = [];
    assert.deepEqual(await watch.look(down, 3000), FREE(3000));
  });

  test('is no news where it was free all the time', async () => {
    assert.equal(await watch.look(down, 3000), null);
    assert.equal(await watch.look(down, 3000), null);
  });

  test('is believed where the app reported it, once for each of its processes', async () => {
    reported = [24_678];
    const believed = { ...FREE(24_678), isFromRun: true };
    assert.deepEqual(await watch.look(down, 3000), believed);
    assert.equal(await watch.look(down, 3000), null);
    assert.deepEqual(await watch.look({ ...down, startedAt: 2 }, 3000), believed);
  });

  test('is not asked about while the app runs, and then counts from the start', async () => {
    taken = [3000];
    assert.equal(await watch.look(down, 3000), null);
    const before = looks;
    assert.equal(await watch.look({ ...down, pid: 8 }, 3000), null);
    assert.equal(looks, before);
    taken = [];
    assert.equal(await watch.look(down, 3000), null);
  });

  test('is neither taken nor free where nobody can tell', async () => {
    taken = [3000];
    await watch.look(down, 3000);
    taken = null;
    assert.equal(await watch.look(down, 3000), null);
    taken = [];
    assert.deepEqual(await watch.look(down, 3000), FREE(3000));
  });

  test('is one of eight at most, of ten thousand', async () => {
    reported = Array.from({ length: 10_000 }, (_, index) => index + 1);
    taken = reported;
    await watch.look(down, null);
    assert.ok(looks <= 8, `${looks} looks`);
    const isNone = await watch.look(managed({ pid: 0 }), null);
    assert.equal(isNone, null);
  });
});
