import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toDaemonOutput } from '../../src/pm2/bus-event.ts';
import { readDaemonLine } from '../../src/pm2/daemon-line.ts';

describe("a line of PM2's own log", () => {
  const LINES = [
    [
      'App [web:1] exited with code [1] via signal [SIGINT]\n',
      { type: 'ended', pmId: 1, code: 1, signal: 'SIGINT' },
    ],
    [
      'App [a:2] x:31] exited with code [0] via signal [SIGKILL]\n',
      { type: 'ended', pmId: 31, code: 0, signal: 'SIGKILL' },
    ],
    ['Stopping app:web id:3\n', { type: 'stopping', pmId: 3 }],
    [
      'Change detected on path x y.js for app web - restarting\n',
      { type: 'watch', name: 'web', path: 'x y.js' },
    ],
    [
      'Change detected on path a for app b - restarting for app web - restarting\n',
      { type: 'watch', name: 'web', path: 'a for app b - restarting' },
    ],
    [
      '[PM2][WORKER] Process 7 restarted because it exceeds --max-memory-restart value (current_memory=342806528 max_memory_limit=104857600 [octets])\n',
      { type: 'memory', pmId: 7, used: 342_806_528, limit: 104_857_600 },
    ],
    ['[PM2] Deregistering a cron job on: 4\n', { type: 'cron', pmId: 4 }],
  ] as const;

  for (const [text, line] of LINES) {
    test(`says why: ${text.trim()}`, () => {
      assert.deepEqual(readDaemonLine(text), line);
    });
  }

  for (const text of [
    'App [web:1] online\n',
    'Stopping app:web id:_old_5\n',
    'Change detected on path x\n',
    '[PM2][WORKER] Registering a cron job on: 4\n',
    `App [${'x'.repeat(9_000)}:1] exited with code [1] via signal [SIGINT]\n`,
    '',
  ]) {
    test(`says nothing of it: ${text.slice(0, 60).trim()}`, () => {
      assert.equal(readDaemonLine(text), null);
    });
  }
});

describe("a message of PM2's own log on the bus", () => {
  test('is the daemon’s', () => {
    const process = { pm_id: 'PM2', name: 'PM2', rev: null };
    const data = 'Stopping app:web id:3\n';
    assert.deepEqual(toDaemonOutput({ process, at: 5, data }), { text: data, at: 5 });
  });

  test('is not taken from an app that sends one under its name', () => {
    const process = { pm_id: 3, name: 'PM2', namespace: 'default' };
    assert.equal(toDaemonOutput({ process, at: 5, data: 'Stopping app:web id:3\n' }), null);
  });
});
