import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import type { Container } from './container.ts';
import { Inhabitant } from './inhabitant.ts';
import { PROJECT } from './project.ts';
import type { Check } from './scenario.ts';

/** The promise: back, and a message, within this time of the fault. */
const BACK_MS = 120_000;

const CLI = `node ${PROJECT}/dist/cli/main.js`;
/** A channel that keeps each message in a file. */
const KEEPER = '/usr/local/bin/keep-message';
const MESSAGES = '/var/tmp/messages';

/** What one part plays; the container is booted and the guard looks. */
type Part = (container: Container, root: Inhabitant, check: Check) => Promise<void>;

/** Plays the guard: it brings back what nobody stopped, and leaves alone what somebody did. */
export async function playGuard(
  container: Container,
  check: Check,
  parts: readonly Part[] = [survivesFaults, survivesReboot, leavesOperatorAlone],
): Promise<void> {
  const root = new Inhabitant(container, 'root', 5173, { LIVENESS_NOTIFY: `exec:${KEEPER}` });
  await container.boot();
  await check('the guard is installed, and finds all well', () => install(container, root));
  for (const part of parts) await part(container, root, check);
  await check('guard uninstall leaves no trace', () => uninstall(container, root));
}

async function install(container: Container, root: Inhabitant): Promise<string> {
  const script = `#!/bin/sh\n{ cat; echo; } >> ${MESSAGES}\n`;
  await container.must(['bash', '-c', `printf '${script}' > ${KEEPER} && chmod 755 ${KEEPER}`]);
  await root.types('npm start');
  await root.types('npx pm2 save');
  const text = await root.types(`${CLI} guard install --yes`);
  assert.match(text, /write \/etc\/systemd\/system\/pm2-liveness-guard-root\.timer/);
  await root.types(`${CLI} guard install --yes`);
  return until('the first look', () => guardStatus(container, /monitor leads/), {
    withinMs: BACK_MS,
    everyMs: 1_000,
  });
}

export const survivesFaults: Part = async (container, root, check) => {
  await check('a daemon killed with SIGKILL is back, and people know', async () => {
    const began = performance.now();
    await root.types('kill -9 "$(cat ~/.pm2/pm2.pid)"');
    return comesBack(container, root, began, /PM2 was killed/);
  });
  await check('what the guard started outlives the unit that started it', async () => {
    const { text } = await container.exec(['systemctl', 'is-active', `${UNIT}-start.service`]);
    assert.match(text, /^inactive/);
    await root.types('kill -0 "$(cat ~/.pm2/pm2.pid)"');
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
};

export const leavesOperatorAlone: Part = async (container, root, check) => {
  await check('pm2 kill by the operator is left alone', async () => {
    await root.types('npx pm2 kill');
    await until('a look', () => guardStatus(container, /stopped on purpose/), {
      withinMs: BACK_MS,
      everyMs: 1_000,
    });
    await container.must(['systemctl', 'start', `${UNIT}.service`]);
    const { text } = await container.exec(['bash', '-c', 'ls /root/.pm2/pm2.pid; pgrep -fc God']);
    assert.match(text, /No such file[^]*\n0$/);
  });
};

const UNIT = 'pm2-liveness-guard-root';

/** The page and the monitor, and both messages: of the trouble and of its end. */
async function comesBack(
  container: Container,
  root: Inhabitant,
  began: number,
  trouble: RegExp,
): Promise<string> {
  const left = (): number => Math.max(1, began + BACK_MS - performance.now());
  await until('a message', () => trouble.test(messagesOf(container)), {
    withinMs: left(),
    everyMs: 500,
  });
  const toldMs = performance.now() - began;
  await root.healthy(left());
  const backMs = performance.now() - began;
  await until(
    'a message that all is well',
    () => /work again/.test(messagesOf(container).split(trouble).at(-1) ?? ''),
    { withinMs: BACK_MS, everyMs: 500 },
  );
  return `message after ${seconds(toldMs)}, healthy after ${seconds(backMs)}`;
}

function messagesOf(container: Container): string {
  return readFileSync(join(container.root, MESSAGES), 'utf8');
}

async function guardStatus(container: Container, found: RegExp): Promise<string> {
  const { text } = await container.exec(['bash', '-c', `${CLI} guard status`]);
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
