import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/**
 * Who may call something named `kill`: the one place of signals, and what ends a command of ours by
 * Node's handle of it. The linter sees `process.kill`; this sees handles and other names too.
 */
const MAY_KILL = [
  'os/signal/signal.ts',
  'probe/exec/command.ts',
  'probe/exec/exec.ts',
  'probe/exec/start.ts',
];

test('signals leave the monitor in one place', () => {
  const src = new URL('../../../src/', import.meta.url);
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'));
  const killers = files.filter((file) => {
    const text = readFileSync(new URL(file, src), 'utf8').replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
    return /\bkill\s*\(|\bkill\b.*node:process|sendSignalToProcess/.test(text);
  });
  assert.deepEqual(killers.toSorted(), MAY_KILL);
});
