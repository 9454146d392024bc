import assert from 'node:assert/strict';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetStatus } from '../../src/report/status.ts';
import { freePort, type Pm2Sandbox, type Ran } from '../support/pm2-sandbox.ts';
import { scenario, type Figures } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';

/** Answers 500 to a request where the pattern in its environment has a `b`, again from its beginning at its end. */
const FLAKY = `
import { createServer } from 'node:http';
let asked = 0;
createServer((request, response) => {
  const { PATTERN, PORT } = process.env;
  response.statusCode = PATTERN[asked++ % PATTERN.length] === 'b' ? 500 : 200;
  response.end();
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

const FAST = {
  period: '100ms',
  fastPeriod: '100ms',
  startupPeriod: '100ms',
  timeout: '2s',
} as const;

/** So many lines about one app are no flood: what was seen before it was found to flap, and one a minute. */
const MOST_LINES = 12;

for (const [part, pattern] of [
  ['2 of 3 probes fail', 'bbg'],
  ['good and bad in turn', 'bg'],
] as const) {
  scenario(36, part, async (stage) => {
    const sandbox = await stage.pm2();
    const script = join(sandbox.home, 'flaky.mjs');
    await writeFile(script, FLAKY);
    const env = { PORT: String(await freePort()), PATTERN: pattern };
    const http = 'http://127.0.0.1:${PORT}/';
    await sandbox.start({ name: 'web', script, env, env_liveness: { http, ...FAST } });
    const found = await until('it is found to flap', async () => {
      const target = await sandbox.target('web');
      return target.incident?.cause === 'flapping' ? target : null;
    });
    assert.match(found.summary, /^flapping \(good and bad in turn, 5 changes/);
    const before = await sandbox.linesAbout('web');
    assert.ok(before.length > 0);
    await holds('it is one incident, and left alone', 8_000, async () => {
      const { incident, restarts } = await sandbox.target('web');
      return incident?.cause === 'flapping' && restarts.total === 0;
    });
    assert.equal((await cli(sandbox, 'status')).exitCode, 1);
    const after = await sandbox.linesAbout('web');
    assert.ok(after.length <= MOST_LINES, after.join('\n'));
    assert.ok(after.length <= before.length + 1, after.join('\n'));
    assert.deepEqual(await journalOf(sandbox), ['flapping']);
    return figures(sandbox, 'flapping');
  });
}

scenario(37, 'the command is deleted', async (stage) => {
  const sandbox = await stage.pm2();
  const command = join(sandbox.home, 'ask.sh');
  await writeFile(command, '#!/bin/sh\nexit 0\n');
  await chmod(command, 0o755);
  const beganAt = performance.now();
  await idle(sandbox, { exec: command, ...FAST });
  await sandbox.reaches('web', 'healthy');
  await rename(command, `${command}.gone`);
  const unknown = await isUnknown(sandbox, /ask\.sh was not found/);
  await rename(`${command}.gone`, command);
  await sandbox.reaches('web', 'healthy');
  const { uptime, since } = await sandbox.target('web');
  // What was not observed is neither up nor down.
  const blindMs = Date.parse(since) - Date.parse(unknown.since);
  const { observedMs } = uptime['1h'];
  assert.ok(
    blindMs > 3_000 && observedMs + blindMs <= performance.now() - beganAt,
    `${observedMs}`,
  );
  return figures(sandbox);
});

scenario(37, 'the name does not resolve, from the start', async (stage) => {
  const sandbox = await stage.pm2();
  await idle(sandbox, { tcp: 'no-such-name.invalid:80', ...FAST, startupTimeout: '1s' });
  const { next, uptime } = await isUnknown(sandbox, /no-such-name\.invalid/);
  assert.doesNotMatch(next.what, /^restarted/);
  assert.equal(uptime['1h'].availability, null);
  return figures(sandbox, 'unknown');
});

/** An app that nobody asks itself. */
async function idle(sandbox: Pm2Sandbox, block: Readonly<Record<string, unknown>>): Promise<void> {
  const script = join(sandbox.home, 'idle.cjs');
  await writeFile(script, 'setInterval(() => undefined, 1_000);\n');
  await sandbox.start({ name: 'web', script, env_liveness: block });
}

/** It is said everywhere that nothing is known of it, and it is left alone. */
async function isUnknown(sandbox: Pm2Sandbox, cause: RegExp): Promise<TargetStatus> {
  const unknown = await sandbox.reaches('web', 'unknown');
  assert.match(unknown.summary, cause);
  assert.equal(unknown.unknown?.cause, 'check');
  await holds('it stays so, and is left alone', 3_000, async () => {
    const { state, restarts } = await sandbox.target('web');
    return state === 'unknown' && restarts.total === 0;
  });
  for (const command of ['status', 'doctor', 'describe web']) {
    const { exitCode, text } = await cli(sandbox, ...command.split(' '));
    assert.equal(exitCode, 1, command);
    assert.match(text.replace(/\s+/g, ' '), cause, command);
  }
  assert.match(await sandbox.output('pm2-liveness'), /web: unknown, not judged: the check itself/);
  return sandbox.target('web');
}

const CLI = new URL('../../dist/cli/main.js', import.meta.url).pathname;

function cli(sandbox: Pm2Sandbox, ...words: readonly string[]): Promise<Ran> {
  return sandbox.run(process.execPath, [CLI, ...words]);
}

/** The classes of the incidents that were opened. */
async function journalOf({ home }: Pm2Sandbox): Promise<string[]> {
  const text = await readFile(join(home, 'pm2-liveness', 'incidents.jsonl'), 'utf8');
  const lines = text.trim().split('\n');
  assert.ok(lines.length <= 3, text);
  return lines.flatMap((line) => {
    const { event, record } = JSON.parse(line) as { event: string; record?: { class: string } };
    return event === 'opened' && record ? [record.class] : [];
  });
}

async function figures(sandbox: Pm2Sandbox, final?: string): Promise<Figures> {
  const { state, restarts } = await sandbox.target('web');
  assert.equal(restarts.total, 0);
  assert.equal((await sandbox.app('web')).pm2_env.restart_time, 0);
  return { restarts: 0, to200Ms: null, final: final ?? state };
}
