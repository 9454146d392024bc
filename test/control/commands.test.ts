import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { commandsOf, type CommandDeps } from '../../src/control/commands.ts';
import type { TargetStatus } from '../../src/report/status.ts';

/** One watched app, `my web`, that writes down what is done to it. */
function controls(): { done: string[]; run: (command: string, parameter?: string) => unknown } {
  const done: string[] = [];
  const status = { name: 'my web', pmId: 2, state: 'healthy', summary: 'healthy' } as TargetStatus; // all that commands read
  const target = {
    probeOnce: async () => ({ kind: 'ok', detail: '204', at: 1, durationMs: 2 }) as const,
    pause: async (ms: number) => void done.push(`pause ${ms}`),
    resume: async () => void done.push('resume'),
    reset: async () => void done.push('reset'),
    status: () => status,
  };
  const parts: CommandDeps = {
    status: () => ({ schemaVersion: 1 }) as ReturnType<CommandDeps['status']>, // not looked into here
    find: (name) => (name === 'my web' ? [target] : []),
    names: () => ['my web'],
  };
  const commands = commandsOf(parts);
  return { done, run: (command, parameter) => commands[command]?.(parameter) };
}

describe('a runtime command', () => {
  test('pauses for a time, or until resumed; a name may hold spaces', async () => {
    const { done, run } = controls();
    await run('pause', 'my web 30m');
    await run('pause', 'my web');
    await run('resume', ' my web ');
    await run('reset', 'my web');
    assert.deepEqual(done, ['pause 1800000', 'pause Infinity', 'resume', 'reset']);
  });

  test('answers what it acted on', async () => {
    const { run } = controls();
    assert.deepEqual(await run('resume', 'my web'), [
      { name: 'my web', pmId: 2, state: 'healthy', summary: 'healthy' },
    ]);
    assert.deepEqual(await run('probe', 'my web'), [
      { name: 'my web', pmId: 2, sample: { kind: 'ok', detail: '204', at: 1, durationMs: 2 } },
    ]);
    assert.deepEqual(run('status'), { schemaVersion: 1 });
  });

  test('says what it got and what is wanted', () => {
    const { done, run } = controls();
    assert.throws(() => run('pause'), {
      code: 'ERR_USAGE',
      message: 'pause: got no app; write `pm2 trigger pm2-liveness pause <app>` (watched: my web)',
    });
    assert.throws(() => run('reset', 'wbe'), {
      code: 'ERR_USAGE',
      message: "reset: no watched app is called 'wbe' (watched: my web)",
    });
    assert.throws(() => run('pause', 'my web 30'), { code: 'ERR_CONFIG' });
    assert.deepEqual(done, []);
  });

  test('never fails with anything but an error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('status', 'probe', 'pause', 'resume', 'reset'),
        fc.option(fc.string(), { nil: undefined }),
        async (command, parameter) => {
          try {
            await controls().run(command, parameter);
          } catch (error) {
            assert.ok(error instanceof Error && error.name === 'LivenessError', String(error));
          }
        },
      ),
    );
  });
});
