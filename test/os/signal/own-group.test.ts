import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { systemGroups } from '../../../src/os/signal/group-members.ts';
import { OwnGroup } from '../../../src/os/signal/own-group.ts';
import { signalProcess, type Kill } from '../../../src/os/signal/signal.ts';
import { isAlive } from '../../support/pm2-sandbox.ts';
import { canTakePids, takePid } from '../../support/take-pid.ts';
import { until } from '../../support/until.ts';

/** One process of a made-up system. */
interface Process {
  readonly pid: number;
  readonly birth: string;
  readonly group: number;
  readonly isOurs: boolean;
  isZombie: boolean;
}

/**
 * A system with eight pids, which it hands out again as soon as it may: a number that is the group
 * of somebody is as little free as a pid. Its clock is coarse, so that births often are the same.
 */
class SmallSystem {
  readonly processes: Process[] = [];
  readonly wrong: string[] = [];
  /** Nothing can be read while it is true: no descriptors left. */
  isBlind = false;
  #births = 0;

  start(isOurs: boolean, group?: number): Process | null {
    const taken = this.processes.flatMap((each) => [each.pid, each.group]);
    const pid = [2, 3, 4, 5, 6, 7, 8, 9].find((each) => !taken.includes(each));
    if (pid === undefined) return null;
    this.#births += 1;
    const birth = String(Math.floor(this.#births / 4));
    const process = { pid, birth, group: group ?? pid, isOurs, isZombie: false };
    this.processes.push(process);
    return process;
  }

  end(process: Process): void {
    this.processes.splice(this.processes.indexOf(process), 1);
  }

  readonly kill: Kill = (pid, signal) => {
    const hit = this.processes.filter((each) => (pid < 0 ? each.group === -pid : each.pid === pid));
    if (hit.length === 0) throw Object.assign(new Error('nobody'), { code: 'ESRCH' });
    if (signal === 0) return;
    for (const each of hit) {
      if (!each.isOurs) this.wrong.push(`${signal} for ${pid} hit a stranger's ${each.pid}`);
    }
    // The deaf ones live on.
    if (signal === 'SIGKILL') for (const each of hit) if (each.isOurs) each.isZombie = true;
  };

  readonly groups = {
    read: (pid: number) => {
      if (this.isBlind) return null;
      const found = this.processes.find((each) => each.pid === pid);
      return found === undefined ? ('gone' as const) : { ...found, session: found.group };
    },
    members: (group: number) =>
      this.isBlind
        ? null
        : this.processes
            .filter((each) => each.group === group || each.pid === group)
            .map((each) => ({ ...each, session: each.group })),
  };
}

const STEPS = [
  'start',
  'fork',
  'end',
  'reap',
  'reapLate',
  'stranger',
  'strangerForks',
  'strangerEnds',
  'term',
  'kill',
  'blind',
] as const;

/** Plays one history; returns what was signalled wrongly. */
function play(steps: readonly (typeof STEPS)[number][]): readonly string[] {
  const system = new SmallSystem();
  const commands: { readonly leader: Process; readonly group: OwnGroup; isReaped: boolean }[] = [];
  const last = (isOurs: boolean): Process | undefined =>
    system.processes.findLast((each) => each.isOurs === isOurs);
  const acts: Record<(typeof STEPS)[number], () => void> = {
    start: () => {
      const leader = system.start(true);
      if (leader)
        commands.push({ leader, group: new OwnGroup(leader.pid, system), isReaped: false });
    },
    fork: () => void system.start(true, last(true)?.group),
    end: () => {
      const ending = last(true);
      if (ending === undefined) return;
      // The leader stays a zombie until Node clears it away; nobody waits for the others.
      if (commands.some(({ leader }) => leader === ending)) ending.isZombie = true;
      else system.end(ending);
    },
    reap: () => reap(() => undefined),
    // The number is reused between the removal of the process and the report to us.
    reapLate: () => reap(() => void system.start(false)),
    stranger: () => void system.start(false),
    strangerForks: () => void system.start(false, last(false)?.group),
    strangerEnds: () => {
      const stranger = system.processes.find(({ isOurs }) => !isOurs);
      if (stranger) system.end(stranger);
    },
    term: () => void commands.map(({ group }) => group.signal('SIGTERM')),
    kill: () => void commands.map(({ group }) => group.signal('SIGKILL')),
    blind: () => void (system.isBlind = !system.isBlind),
  };
  function reap(meanwhile: () => void): void {
    const ended = commands.find(({ leader, isReaped }) => leader.isZombie && !isReaped);
    if (ended === undefined) return;
    ended.isReaped = true;
    system.end(ended.leader);
    meanwhile();
    ended.group.leaderEnded({ mayWait: commands.length % 2 === 0 });
  }
  // A fork of nobody would be a leader that no command knows.
  for (const step of steps) if (step !== 'fork' || last(true)) acts[step]();
  return system.wrong;
}

describe('in a system that hands its pids out again at once', () => {
  test('no group of a stranger is ever signalled', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STEPS), { minLength: 5, maxLength: 60 }), (steps) => {
        assert.deepEqual(play(steps), []);
      }),
      { numRuns: 3_000 },
    );
  });

  test('a process is signalled only while the pid has its birth', async () => {
    const word = fc.constantFrom('1', '2', '3');
    await fc.assert(
      fc.asyncProperty(word, fc.option(word), fc.boolean(), async (birth, now, isKnown) => {
        const sent: number[] = [];
        const births = new Map(now === null ? [] : [[77, now] as const]);
        const reader = { births: async () => (isKnown ? births : null) };
        const became = await signalProcess({ pid: 77, birth }, 'SIGKILL', reader, (pid) => {
          sent.push(pid);
          return 'sent';
        });
        assert.equal(sent.length, isKnown && now === birth ? 1 : 0);
        assert.equal(became === 'sent', sent.length === 1);
      }),
    );
  });
});

describe('a group of real processes', { skip: process.platform !== 'linux' }, () => {
  /** A shell that leads its own group and leaves a child in it. */
  async function leaving(code: string) {
    const child = spawn('sh', ['-c', code], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const group = new OwnGroup(child.pid ?? assert.fail('not started'));
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, group, left: Number(String(line).trim()) };
  }

  test('is signalled while it is led', async () => {
    const { child, group, left } = await leaving('sleep 600 & echo $!; wait');
    assert.equal(group.signal('SIGTERM'), true);
    await once(child, 'exit');
    assert.equal(group.leaderEnded({ mayWait: false }), false);
    await until('the child is gone', () => isGone(left));
    assert.equal(group.signal('SIGKILL'), false);
  });

  test('what it left may wait, and is proven then', async () => {
    const { child, group, left } = await leaving('sleep 600 & echo $!; exit 0');
    let isLeft = false;
    child.once('exit', () => (isLeft = group.leaderEnded({ mayWait: true })));
    if (child.exitCode === null) await once(child, 'exit');
    assert.equal(isLeft, true);
    assert.equal(isGone(left), false);
    assert.equal(group.signal('SIGKILL'), true);
    await until('the child is gone', () => isGone(left));
  });

  test(
    'one that has ended is forgotten, whoever has its number',
    { skip: !canTakePids() },
    async () => {
      const { child, group } = await leaving('echo 1');
      let told = true;
      child.once('exit', () => (told = group.leaderEnded({ mayWait: true })));
      if (child.exitCode === null) await once(child, 'exit');
      assert.equal(told, false);
      const stranger = await takePid(child.pid ?? 0, 'sleep', ['600']);
      assert.equal(group.signal('SIGKILL'), false);
      assert.equal(isGone(stranger.pid ?? 0), false);
      stranger.kill('SIGKILL');
    },
  );

  test('the system shows a process, one that is gone, and a group', () => {
    const own = systemGroups.read(process.pid);
    assert.ok(own !== null && own !== 'gone');
    assert.ok(systemGroups.members(own.group)?.some(({ pid }) => pid === process.pid));
    assert.equal(systemGroups.read(2 ** 22 + 5), 'gone');
  });
});

/** A dead one that nobody has cleared away is gone as well. */
function isGone(pid: number): boolean {
  if (!isAlive(pid)) return true;
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
