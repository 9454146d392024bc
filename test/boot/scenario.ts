import assert from 'node:assert/strict';
import { parseDuration } from '../../src/config/schema/durations.ts';
import { readLaunchEnv } from '../../src/config/launch-env.ts';
import { blockDefaults } from '../../src/config/schema/schema.ts';
import type { Check } from './check.ts';
import type { Container } from './container.ts';
import { Inhabitant } from './inhabitant.ts';
import { PROJECT } from './project.ts';
import { ServiceScenario } from './service-scenario.ts';

/** PM2's kill of a process that does not end by itself. */
const KILL_MS = 1_600;
/** For a machine that has other things to do. */
const SLACK_MS = 10_000;

/** Plays it all from the first boot to the last; throws at the first check that does not hold. */
export async function playScenario(container: Container, check: Check): Promise<void> {
  const root = new Inhabitant(container, 'root', 5173);
  await container.boot();
  console.log(await about(container));

  await check('npm start says what is missing, and shows the lines', () => saysAll(root));
  await root.types('npx pm2 startup systemd');
  await root.types('npx pm2 save');
  await check('npm start says nothing more after pm2 startup and pm2 save', () =>
    saysNothing(root),
  );

  await container.powerOff();
  let start = 0;
  await check('it comes back after a power off', async () => {
    const { text, answeredMs } = await comesBack(container, root);
    start = answeredMs;
    return text;
  });
  await container.cut();
  await check(
    'it comes back after a power cut',
    async () => (await comesBack(container, root)).text,
  );
  await check('a hang after boot is mended', () => survivesHang(container, root, start));

  const ann = await newUser(container);
  await check('a user who is not root types the lines that npm start shows him', () => setsUp(ann));
  await container.cut();
  await check('and his page comes back beside that of root', async () => {
    const { text } = await comesBack(container, ann);
    const { restarts } = await root.healthy();
    assert.equal(restarts.used, 1, 'the restart before the power cut is still in the budget');
    return text;
  });
  await playService(container, { root, ann }, check);
}

/** What `service` does for ann, whose unit `pm2 startup` has made. */
async function playService(
  container: Container,
  who: { readonly root: Inhabitant; readonly ann: Inhabitant },
  check: Check,
): Promise<void> {
  const comesBack = async (inhabitant: Inhabitant): Promise<string> => {
    const began = performance.now();
    await container.boot();
    // Not asked how the monitor sees it: so many boots within minutes are restarts that nobody saw, and so `unstable`.
    const answeredMs = await inhabitant.answers(began);
    return `200 after ${seconds(answeredMs)}`;
  };
  await new ServiceScenario(container, { ...who, comesBack }, check).play();
}

/** What runs here, and how old the machine is by its own clock. */
async function about(container: Container): Promise<string> {
  const node = await container.must(['node', '--version']);
  const [systemd] = (await container.must(['systemctl', '--version'])).split('\n');
  const age = Number.parseFloat(await container.must(['cat', '/proc/uptime']));
  const clock = age < 60 ? 'a clock that starts anew with each boot' : "this machine's clock";
  return `Node ${node} under ${systemd}, with ${clock}`;
}

async function saysAll(root: Inhabitant): Promise<void> {
  const text = await root.types('npm start');
  assert.match(
    text,
    /^Not ready for a reboot: no enabled systemd unit .*dump\.pm2 does not exist/m,
  );
  const program = `${PROJECT}/node_modules/pm2/bin/pm2`;
  assert.deepEqual(linesToType(text), [
    `env PATH=/usr/local/bin:"$PATH" ${program} startup systemd -u root --hp /root`,
    `${program} save`,
  ]);
}

async function saysNothing(root: Inhabitant): Promise<void> {
  const text = await root.types('npm start');
  assert.match(text, /web +healthy/);
  assert.doesNotMatch(text, /reboot/);
}

/** Boots, and waits for the page and the monitor with nobody logged in; times count from switching it on. */
async function comesBack(
  container: Container,
  who: Inhabitant,
): Promise<{ text: string; answeredMs: number }> {
  const began = performance.now();
  await container.boot();
  const answeredMs = await who.answers(began);
  const { restarts } = await who.healthy();
  const healthyMs = performance.now() - began;
  assert.equal(restarts.total, restarts.used, 'no restart of ours is needed at boot');
  assert.equal(await container.must(['loginctl', 'list-sessions', '--no-legend']), '');
  const text = `200 after ${seconds(answeredMs)}, reported healthy after ${seconds(healthyMs)}`;
  return { text, answeredMs };
}

/** Stops the dev server's process for good, as a hang does. */
async function survivesHang(
  container: Container,
  root: Inhabitant,
  startMs: number,
): Promise<string> {
  const { pid } = await root.healthy();
  const began = performance.now();
  await container.must(['kill', '-STOP', String(pid)]);
  const boundMs = hangBoundMs() + startMs;
  const answeredMs = await root.answers(began, boundMs + SLACK_MS);
  const after = await root.healthy();
  assert.notEqual(after.pid, pid);
  assert.equal(after.restarts.used, 1);
  return `200 from another process after ${seconds(answeredMs)} (bound ${seconds(boundMs)})`;
}

/** The README's bound for a hang at the settings of the ecosystem file, but for the app's own start. */
function hangBoundMs(): number {
  const { health } = readLaunchEnv({});
  const perSample = Math.max(
    parseDuration(health.timeout),
    parseDuration(blockDefaults.fastPeriod),
  );
  return 1.1 * parseDuration(health.period) + health.failureThreshold * perSample + KILL_MS;
}

/** A user with sudo and their own page. */
async function newUser(container: Container): Promise<Inhabitant> {
  const page = `${PROJECT}/example/ann-app`;
  await container.must([
    'bash',
    '-ec',
    `useradd --create-home --shell /bin/bash ann
    echo 'ann ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/ann
    cp -r ${PROJECT}/example/react-app ${page}
    rm -rf ${page}/node_modules && mkdir ${page}/node_modules
    chown -R ann: ${page}`,
  ]);
  return new Inhabitant(container, 'ann', 5174, { APP_DIR: page });
}

async function setsUp(ann: Inhabitant): Promise<void> {
  const lines = linesToType(await ann.types('npm start'));
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /^sudo env .* startup systemd -u ann --hp \/home\/ann$/);
  for (const line of lines) await ann.types(line);
  await saysNothing(ann);
}

/** The lines that `npm start` shows below what it says of a reboot. */
function linesToType(text: string): readonly string[] {
  const [, lines = ''] = /^Not ready for a reboot: .*\n((?: {2}.*\n?)*)/m.exec(text) ?? [];
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
