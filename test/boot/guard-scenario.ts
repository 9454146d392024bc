import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signatureOf } from '../../src/notify/channel/webhook.ts';
import { until } from '../support/until.ts';
import type { Container } from './container.ts';
import { Inhabitant } from './inhabitant.ts';
import { MESSAGES, placeMessageSink, SECRET, SINK_URL } from './message-sink.ts';
import { PROJECT } from './project.ts';
import type { Check } from './check.ts';

/** The promise: back, and a message, within this time of the fault. */
const BACK_MS = 120_000;

const CLI = `node ${PROJECT}/dist/cli/main.js`;
const UNIT = 'pm2-liveness-guard-root';
const DAEMON = 'kill -0 "$(cat ~/.pm2/pm2.pid)"';

/** What one part plays; the container is booted and the guard looks. */
type Part = (container: Container, root: Inhabitant, check: Check) => Promise<void>;

/** Plays the guard: it brings back what nobody stopped, and leaves alone what somebody did. */
export async function playGuard(
  container: Container,
  check: Check,
  parts: readonly Part[] = [survivesFaults, leavesStoppedMonitor, survivesReboot, leavesKilledPm2],
): Promise<void> {
  const root = new Inhabitant(container, 'root', 5173, { LIVENESS_NOTIFY: SINK_URL });
  await placeMessageSink(container.root);
  await container.boot();
  await check('the guard is installed, and finds all well', () => install(root));
  for (const part of parts) await part(container, root, check);
  await check('guard uninstall leaves no trace', () => uninstall(container, root));
}

async function install(root: Inhabitant): Promise<string> {
  await root.types('npm start');
  await root.types('npx pm2 save');
  const text = await root.types(`${CLI} guard install --yes`);
  assert.match(text, /write \/etc\/systemd\/system\/pm2-liveness-guard-root\.timer/);
  assert.equal(await root.types(`${CLI} guard install --yes`), text);
  // This one by the timer.
  const options = { withinMs: 60_000, everyMs: 1_000 };
  return until('the first look', () => guardStatus(root, /^last look .*monitor leads$/m), options);
}

export const survivesFaults: Part = async (container, root, check) => {
  await check('a daemon killed with SIGKILL is back, and people know', async () => {
    const began = performance.now();
    await root.types('kill -9 "$(cat ~/.pm2/pm2.pid)"');
    return comesBack(container, root, began, /PM2 was killed/);
  });
  await check('what the guard started outlives the unit that started it', async () => {
    const unit = `${UNIT}-start.service`;
    // An active look has started it, so that it may still be on its way.
    await until('the end of the unit', async () => {
      const { text } = await container.exec(['systemctl', 'is-active', unit]);
      return text.startsWith('inactive');
    });
    const [cgroup] = (await root.types(`${DAEMON} && cat "/proc/$(cat ~/.pm2/pm2.pid)/cgroup"`))
      .split('\n')
      .slice(-1);
    assert.ok(cgroup?.endsWith(`/${unit}`), cgroup);
    return `in the control group of ${unit}`;
  });
  await check('a monitor stopped with SIGSTOP is back, and people know', async () => {
    const began = performance.now();
    await root.types(`kill -STOP $(npx pm2 pid pm2-liveness)`);
    return comesBack(container, root, began, /is stopped \(SIGSTOP\)/);
  });
};

export const survivesReboot: Part = async (container, root, check) => {
  await check('after a power cut, without pm2 startup, it is back, and people know', async () => {
    await container.cut();
    const began = performance.now();
    await container.boot();
    return comesBack(container, root, began, /was not started after the reboot/);
  });
  await check('after a power cut, with pm2 startup, the guard has nothing to do', async () => {
    await root.types('npx pm2 startup systemd');
    await container.cut();
    return staysQuiet(container, async () => {
      const began = performance.now();
      await container.boot();
      await root.healthy();
      const backMs = performance.now() - began;
      await looks(container, 1);
      await guardStatus(root, /monitor leads/);
      return `healthy after ${seconds(backMs)}`;
    });
  });
  await check('a daemon killed beside a look is started by pm2 startup, once', async () => {
    await root.types('kill -9 "$(cat ~/.pm2/pm2.pid)"');
    await looks(container, 1);
    await root.healthy();
    await looks(container, 1);
    assert.equal(await daemons(container), 1);
    return guardStatus(root, /monitor leads/);
  });
};

export const leavesStoppedMonitor: Part = async (container, root, check) => {
  for (const [command, found] of [
    ['stop', /stopped on purpose \(`pm2 stop`\)$/m],
    ['delete', /has no monitor in its list$/m],
  ] as const) {
    await check(`pm2 ${command} pm2-liveness by the operator is left alone`, async () => {
      await root.types(`npx pm2 ${command} pm2-liveness`);
      return staysQuiet(container, async () => {
        await looks(container, 3);
        assert.doesNotMatch(await root.types('npx pm2 pid pm2-liveness'), /[1-9]/);
        return guardStatus(root, found);
      });
    });
  }
  await root.types('npx pm2 resurrect');
  await root.healthy();
};

export const leavesKilledPm2: Part = async (container, root, check) => {
  await check('pm2 kill by the operator is left alone', async () => {
    await root.types('npx pm2 kill');
    return staysQuiet(container, async () => {
      await looks(container, 3);
      assert.equal(await daemons(container), 0);
      return guardStatus(root, /stopped on purpose \(`pm2 kill`\)$/m);
    });
  });
};

/** Looks one after the other now, with the unit that the timer starts, which ends with 1 where it hands over. */
async function looks(container: Container, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    await container.exec(['systemctl', 'start', `${UNIT}.service`]);
  }
}

async function daemons(container: Container): Promise<number> {
  return Number((await container.exec(['pgrep', '-fc', 'God Daemon'])).text);
}

/** Both the page and the monitor, by the timer, and a message of the trouble; then, in another look, one of its end. */
async function comesBack(
  container: Container,
  root: Inhabitant,
  began: number,
  trouble: RegExp,
): Promise<string> {
  const left = (): number => Math.max(1, began + BACK_MS - performance.now());
  const isTold = (): boolean => messages(container).some(({ text }) => trouble.test(text));
  await until('a message', isTold, { withinMs: left(), everyMs: 200 });
  const toldMs = performance.now() - began;
  await root.healthy(left());
  const backMs = performance.now() - began;
  await looks(container, 1);
  const [before, last] = messages(container).slice(-2);
  assert.match(before?.text ?? '', trouble);
  assert.match(last?.text ?? '', /work again/);
  return `message after ${seconds(toldMs)}, healthy after ${seconds(backMs)}`;
}

/** No message comes from what is played. */
async function staysQuiet(container: Container, play: () => Promise<string>): Promise<string> {
  const before = messages(container).length;
  const said = await play();
  assert.deepEqual(messages(container).slice(before), []);
  return said;
}

/** The texts of the guard's messages, each one genuine by its signature. */
function messages(container: Container): readonly { readonly text: string }[] {
  const file = join(container.root, MESSAGES);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    const { headers, body } = JSON.parse(line);
    const seconds = Number(headers['x-liveness-timestamp']);
    const signature = signatureOf(body, SECRET, seconds * 1_000)['x-liveness-signature'];
    assert.equal(headers['x-liveness-signature'], signature);
    const { event, text } = JSON.parse(body);
    // The monitor's own are about the app.
    return event === 'monitor' ? [{ text: String(text) }] : [];
  });
}

async function guardStatus(root: Inhabitant, found: RegExp): Promise<string> {
  const text = await root.types(`${CLI} guard status || true`);
  assert.match(text, /^pm2-liveness-guard-root\.timer is on$/m);
  assert.match(text, found);
  return text.trim().split('\n').at(-1) ?? '';
}

async function uninstall(container: Container, root: Inhabitant): Promise<void> {
  await root.types(`${CLI} guard uninstall --yes`);
  const left = 'find /etc/systemd /root/.pm2/pm2-liveness /run/systemd -name "*guard*"';
  assert.equal(await container.must(['bash', '-c', left]), '');
  const units = ['systemctl', 'list-units', '--all', '--no-legend', `${UNIT}*`];
  assert.equal((await container.must(units)).trim(), '');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
