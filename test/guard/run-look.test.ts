import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readGuard } from '../../src/guard/guard-file.ts';
import { runLook } from '../../src/guard/run-look.ts';
import type { Channel } from '../../src/notify/channel/channel.ts';
import { LightAbortController } from '../../src/time/light-abort.ts';
import { FakeClock } from '../support/fake-clock.ts';

test(
  'an attempt that fails is in its message, and a third one is told once more',
  { skip: process.platform !== 'linux' },
  async () => {
    const pm2Home = mkdtempSync(join(tmpdir(), 'pl-look-'));
    // A pid that no process can have.
    writeFileSync(join(pm2Home, 'pm2.pid'), '4194305');
    writeFileSync(join(pm2Home, 'dump.pm2'), '[{"name":"web"}]');
    const clock = new FakeClock();
    const texts: string[] = [];
    for (let count = 0; count < 30; count += 1) {
      await runLook({
        pm2Home,
        clock,
        reader: {
          processes: () => Promise.resolve(new Map()),
          births: () => Promise.resolve(new Map()),
        },
        openPm2: () => Promise.reject(new Error('not asked')),
        resurrect: () => Promise.resolve(`no memory ${count}`),
        channels: () => Promise.resolve({ channels: [phone(texts)], problems: [], isWhole: true }),
        mayResurrect: true,
        host: 'h',
        signal: new LightAbortController(),
      });
      await clock.pass(60_000);
    }
    assert.equal(texts.length, 2, texts.join('\n'));
    assert.match(texts[0] ?? '', /^PM2 was killed; .*; it did not work: no memory 0$/);
    assert.match(texts[1] ?? '', /^PM2 was killed; .*; it did not work: no memory 2$/);
    const { memory } = await readGuard(join(pm2Home, 'pm2-liveness'));
    assert.equal(memory.failures, memory.attempts);
    rmSync(pm2Home, { recursive: true });
  },
);

function phone(texts: string[]): Channel {
  return {
    name: 'phone',
    kind: 'webhook',
    shown: 'webhook (h)',
    minSeverity: 'info',
    endpoint: null,
    send: ({ text }) => {
      texts.push(text ?? '');
      return Promise.resolve({ kind: 'sent', answer: 'ok' });
    },
  };
}
