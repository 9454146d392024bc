import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../src/guard/decide.ts';
import type { GuardEvidence, MonitorProcess } from '../../src/guard/evidence.ts';
import { NO_MEMORY, type GuardMemory } from '../../src/guard/memory.ts';

const MINUTE = 60_000;
const LEADS = { state: 'leads', pid: 50, lastRoundAgeMs: 900 } as const;
const RUNNING: MonitorProcess = {
  pmId: 1,
  status: 'online',
  pid: 50,
  birth: 'b',
  process: 'sleeping',
};

function seen(more: Partial<GuardEvidence> = {}): GuardEvidence {
  return {
    wall: 1_000_000_000,
    boot: { key: 'one', ageMs: 60 * MINUTE },
    systemBusy: null,
    daemon: { state: 'answers' },
    monitor: LEADS,
    ...more,
  };
}

function gone(pidFile: 'none' | 'dead', more: Partial<GuardEvidence> = {}): GuardEvidence {
  return seen({
    daemon: { state: 'gone', pidFile, saved: 2 },
    monitor: { state: 'unknown' },
    ...more,
  });
}

function silent(...processes: readonly MonitorProcess[]): Pick<GuardEvidence, 'monitor'> {
  return { monitor: { state: 'silent', reason: 'no answer', processes } };
}

/** What is remembered after a look at a daemon and a monitor that are well. */
const WELL: GuardMemory = decide(seen(), NO_MEMORY).memory;

/** The decisions of looks that come one a minute. */
function looks(
  count: number,
  memory: GuardMemory,
  at: (index: number) => GuardEvidence,
): ReturnType<typeof decide>[] {
  const all: ReturnType<typeof decide>[] = [];
  let known = memory;
  for (let index = 0; index < count; index += 1) {
    const decision = decide({ ...at(index), wall: 1_000_000_000 + (index + 1) * MINUTE }, known);
    known = decision.memory;
    all.push(decision);
  }
  return all;
}

test('a daemon that was killed is resurrected, with one message then and one when it works again', () => {
  const first = decide(gone('dead'), WELL);
  assert.deepEqual(first.order, { type: 'resurrect' });
  assert.equal(first.message?.isTrouble, true);
  assert.match(first.message.text, /^PM2 was killed; `pm2 resurrect`/);
  const well = decide(seen({ wall: 1_000_000_000 + MINUTE }), first.memory);
  assert.deepEqual(well.message, { text: 'PM2 and the monitor work again', isTrouble: false });
  assert.equal(decide(seen({ wall: 1_000_000_000 + 2 * MINUTE }), well.memory).message, null);
});

test('pm2 kill is left alone, also after a reboot', () => {
  const all = looks(5, WELL, () => gone('none'));
  assert.ok(
    all.every(({ standing, order, message }) => standing === 'left alone' && !order && !message),
  );
  const rebooted = gone('none', { boot: { key: 'two', ageMs: 10 * MINUTE } });
  const after = decide(rebooted, all.at(-1)?.memory ?? WELL);
  assert.equal(after.order, null);
  assert.equal(after.standing, 'left alone');
});

test('a PM2 that somebody started again after pm2 kill is guarded again', () => {
  const killed = decide(gone('none'), WELL).memory;
  const started = decide(seen(), killed).memory;
  assert.deepEqual(decide(gone('dead'), started).order, { type: 'resurrect' });
});

test('one that was killed before any look saw it is started: its pid file is there', () => {
  const left = looks(5, WELL, () => gone('none')).at(-1)?.memory ?? WELL;
  assert.deepEqual(decide(gone('dead'), left).order, { type: 'resurrect' });
  const rebooted = { boot: { key: 'two', ageMs: 10 * MINUTE } };
  assert.deepEqual(decide(gone('dead', rebooted), left).order, { type: 'resurrect' });
});

test('a guard that never saw a daemon starts none where no pid file says that one was killed', () => {
  assert.equal(decide(gone('none'), NO_MEMORY).standing, 'left alone');
  assert.deepEqual(decide(gone('dead'), NO_MEMORY).order, { type: 'resurrect' });
});

test('after a reboot PM2 has a minute to be started by the system, then the guard starts it', () => {
  for (const pidFile of ['none', 'dead'] as const) {
    const early = decide(gone(pidFile, { boot: { key: 'two', ageMs: 59_000 } }), WELL);
    assert.deepEqual([early.standing, early.order], ['waits', null]);
    const later = decide(gone(pidFile, { boot: { key: 'two', ageMs: 61_000 } }), early.memory);
    assert.deepEqual(later.order, { type: 'resurrect' });
    assert.match(later.found, /^PM2 was not started after the reboot/);
  }
});

test('while the system starts or goes down nothing is started', () => {
  const { standing, order } = decide(
    gone('dead', { systemBusy: 'pm2-root.service is activating' }),
    WELL,
  );
  assert.deepEqual([standing, order], ['waits', null]);
});

test('a start by systemd that does not end gives one message, and nothing is started beside it', () => {
  for (const systemBusy of [
    'pm2-root.service is activating',
    'the system is starting or going down',
  ]) {
    const all = looks(600, WELL, () => gone('dead', { systemBusy }));
    assert.ok(all.every(({ order }) => order === null));
    const told = all.flatMap(({ message }, at) => (message === null ? [] : [[at, message.text]]));
    assert.deepEqual(
      told.map(([at]) => at),
      [5],
    );
    assert.ok(String(told[0]?.[1]).includes(systemBusy));
    const after = all.at(-1)?.memory ?? WELL;
    assert.deepEqual(decide(gone('dead'), after).order, { type: 'resurrect' });
  }
  // A stop on purpose is none.
  const stopped = looks(20, WELL, () =>
    gone('none', { systemBusy: 'pm2-root.service is deactivating' }),
  );
  assert.ok(stopped.every(({ message }) => message === null));
});

test('without a saved list it says what a person has to do', () => {
  const evidence = gone('dead', { daemon: { state: 'gone', pidFile: 'dead', saved: 0 } });
  const { order, message } = decide(evidence, WELL);
  assert.equal(order, null);
  assert.match(message?.text ?? '', /nothing is saved .* then `pm2 save`$/);
});

test('after three vain attempts it tries less often: 5, 10, 20, then 30 minutes', () => {
  const all = looks(120, WELL, () => gone('dead'));
  const attempts = all.flatMap(({ order }, at) => (order === null ? [] : [at]));
  assert.deepEqual(attempts, [0, 1, 2, 7, 17, 37, 67, 97]);
  assert.equal(all.filter(({ message }) => message !== null).length, 1);
});

test('a clock that was set back does not hold up the next attempt', () => {
  const { memory } = decide(gone('dead'), WELL);
  const before = gone('dead', { wall: 500_000_000 });
  assert.deepEqual(decide(before, memory).order, { type: 'resurrect' });
});

test('a daemon that is there and does not answer gives a message in the second look, and is never replaced', () => {
  const daemon = { state: 'silent', pid: 7, reason: 'no list', isStopped: true } as const;
  const all = looks(10, WELL, () => seen({ daemon, monitor: { state: 'unknown' } }));
  assert.ok(all.every(({ order }) => order === null));
  assert.deepEqual(
    all.flatMap(({ message }, at) => (message === null ? [] : [at])),
    [1],
  );
  assert.match(all[1]?.found ?? '', /kill -CONT 7/);
});

test('a monitor stopped by a signal is restarted at once, and only that one', () => {
  const stopped = { ...RUNNING, process: 'stopped' } as const;
  const standby = { ...RUNNING, pmId: 2, pid: 51 };
  const { order, message } = decide(seen(silent(stopped, standby)), WELL);
  assert.deepEqual(order, { type: 'restart', processes: [stopped] });
  assert.match(message?.text ?? '', /SIGSTOP/);
});

test('a monitor that does not answer is restarted in the second look', () => {
  const [first, second] = looks(2, WELL, () => seen(silent(RUNNING)));
  assert.deepEqual([first?.order, first?.message], [null, null]);
  assert.deepEqual(second?.order, { type: 'restart', processes: [RUNNING] });
});

test('a monitor that PM2 has restarted meanwhile has its own two looks', () => {
  const all = looks(4, WELL, (at) => seen(silent({ ...RUNNING, pid: 50 + at })));
  assert.ok(all.every(({ order }) => order === null));
});

test('of two that are silent the one that led is restarted', () => {
  const other = { ...RUNNING, pmId: 2, pid: 51 };
  const second = looks(2, WELL, () => seen(silent(other, RUNNING)))[1];
  assert.deepEqual(second?.order, { type: 'restart', processes: [RUNNING] });
});

for (const [what, processes] of [
  ['deleted', []],
  ['stopped by pm2 stop', [{ ...RUNNING, status: 'stopped', pid: 0, birth: null, process: null }]],
  ['held by a debugger', [{ ...RUNNING, process: 'traced' }]],
] as const) {
  test(`a monitor that is ${what} is left alone`, () => {
    const all = looks(8, WELL, () => seen(silent(...processes)));
    assert.ok(
      all.every(({ standing, order, message }) => standing === 'left alone' && !order && !message),
    );
  });
}

for (const [what, process] of [
  ['errored', { ...RUNNING, status: 'errored', pid: 0, birth: null, process: null }],
  ['lost with an old pid', { ...RUNNING, status: 'stopped', birth: null, process: null }],
] as const) {
  test(`a monitor that is ${what} is restarted`, () => {
    const { order } = decide(seen(silent(process)), WELL);
    assert.deepEqual(order, { type: 'restart', processes: [process] });
  });
}

test('what PM2 is stopping is left to PM2, with a message after five looks', () => {
  const all = looks(6, WELL, () => seen(silent({ ...RUNNING, status: 'stopping' })));
  assert.ok(all.every(({ order }) => order === null));
  assert.deepEqual(
    all.flatMap(({ message }, at) => (message === null ? [] : [at])),
    [4],
  );
});

const ERRORED = { ...RUNNING, status: 'errored', pid: 0, birth: null, process: null } as const;

/** The looks that gave a message, and its first words. */
function messagesOf(all: readonly ReturnType<typeof decide>[]): string[] {
  return all.flatMap(({ message }, at) =>
    message === null ? [] : [`${at} ${message.text.slice(0, 10)}`],
  );
}

test('a daemon that is killed again and again is one trouble, with fewer and fewer attempts', () => {
  const all = looks(600, WELL, (at) => (at % 2 === 0 ? gone('dead') : seen()));
  assert.deepEqual(messagesOf(all), ['0 PM2 was ki', '1 PM2 and th', '2 PM2 was ki']);
  assert.ok(all.filter(({ order }) => order !== null).length <= 25);
  const after = looks(30, all.at(-1)?.memory ?? WELL, () => seen());
  assert.deepEqual(messagesOf(after), ['8 PM2 and th']);
  const next = decide(gone('dead'), after.at(-1)?.memory ?? WELL);
  assert.deepEqual([next.order, next.message?.isTrouble], [{ type: 'resurrect' }, true]);
});

test('the same while the monitor is left alone, and while the daemon is only stopped for some looks', () => {
  const alone = looks(200, WELL, (at) => (at % 2 === 0 ? gone('dead') : seen(silent())));
  assert.equal(messagesOf(alone).length, 3);
  const daemon = { state: 'silent', pid: 7, reason: 'no list', isStopped: true } as const;
  const stopped = looks(200, WELL, (at) =>
    at % 4 < 2 ? seen({ daemon, monitor: { state: 'unknown' } }) : seen(),
  );
  assert.equal(messagesOf(stopped).length, 3);
});

test('another trouble than the one that people know goes out too, each once', () => {
  const all = looks(60, WELL, (at) => (at === 0 ? gone('dead') : seen(silent(ERRORED))));
  const messages = all.flatMap(({ message }) => (message === null ? [] : [message.text]));
  assert.equal(messages.length, 2);
  assert.match(messages[1] ?? '', /^the monitor does not work: PM2 gave it up/);
  const both = looks(60, WELL, (at) => (at % 2 === 0 ? gone('dead') : seen(silent(ERRORED))));
  assert.equal(messagesOf(both).length, 2);
});

test('another trouble, after all was well for a moment, does not wait for the attempts at the one before', () => {
  const stopped = looks(3, WELL, (at) =>
    at === 1 ? seen() : at === 0 ? gone('dead') : seen(silent(ERRORED)),
  );
  assert.deepEqual(
    stopped.map(({ order }) => order !== null),
    [true, false, true],
  );
  const rebooted = looks(12, WELL, (at) =>
    at < 10
      ? gone('dead')
      : at === 10
        ? seen()
        : gone('dead', { boot: { key: 'two', ageMs: 5 * MINUTE } }),
  );
  assert.deepEqual([rebooted[9]?.order, rebooted[11]?.order], [null, { type: 'resurrect' }]);
});

test('a trouble that nothing can be done about any more goes out, also after one that was tried', () => {
  const lost = gone('dead', { daemon: { state: 'gone', pidFile: 'dead', saved: 0 } });
  const all = looks(60, WELL, (at) => (at === 0 ? gone('dead') : lost));
  assert.equal(messagesOf(all).length, 2);
  assert.match(all[1]?.message?.text ?? '', /nothing is saved/);
});

test('another trouble, or a reboot, soon after the end of one has its own message and end', () => {
  const all = looks(6, WELL, (at) =>
    at % 2 === 1
      ? seen()
      : at === 0
        ? gone('dead')
        : at === 2
          ? seen(silent(ERRORED))
          : gone('dead', { boot: { key: 'two', ageMs: 5 * MINUTE } }),
  );
  assert.deepEqual(
    all.map(({ message }) => message?.isTrouble),
    [true, false, true, false, true, false],
  );
});

test('what an older guard remembers is not told again', () => {
  const { told, ...older } = decide(gone('dead'), WELL).memory;
  assert.deepEqual(told, ['daemon']);
  assert.deepEqual(messagesOf(looks(9, older, () => gone('dead'))), []);
  assert.equal(decide(seen(), older).message?.isTrouble, false);
});

test('an operator who stops PM2 after the message ends it with one more message', () => {
  const told = decide(gone('dead'), WELL).memory;
  const { standing, message } = decide(gone('none'), told);
  assert.equal(standing, 'left alone');
  assert.equal(message?.isTrouble, false);
});
