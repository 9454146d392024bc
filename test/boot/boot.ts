// Boots a small Debian with a real systemd (systemd-nspawn), sets the example up in it as the README
// says, and proves that it comes back: after a power off, after a power cut, and from a hang after both.
import { baseRoot } from './base-root.ts';
import { Container } from './container.ts';
import { installProject, nodeBinds } from './project.ts';
import { playExport } from './export-scenario.ts';
import { playGuard } from './guard-scenario.ts';
import type { Check } from './check.ts';
import { playScenario } from './scenario.ts';
import { CannotPlay, ensureTools } from '../support/debian-tools.ts';

const PROGRAMS = {
  'systemd-nspawn': 'systemd-container',
  debootstrap: 'debootstrap',
  nsenter: 'util-linux',
};

const stop = new AbortController();
let container: Container | null = null;
let passed = 0;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Not `once`: execa ends the process by itself where it finds nobody else who listens.
  process.on(signal, () => {
    stop.abort(new Error(`ended by ${signal}`));
    // The running scenario then fails by itself, because its machine is gone.
    void container?.destroy();
  });
}

try {
  if (process.platform !== 'linux') throw new CannotPlay('systemd boots on Linux alone');
  if (process.getuid?.() !== 0) throw new CannotPlay('only root can boot a root folder');
  await ensureTools(PROGRAMS);
  const base = await baseRoot(stop.signal);
  stop.signal.throwIfAborted();
  const check: Check = async (what, look) => {
    const found = await look();
    passed += 1;
    console.log(`✔ ${what}${found ? `: ${found}` : ''}`);
  };
  for (const play of [playScenario, playGuard, playExport]) {
    container = await Container.create(base, nodeBinds());
    await installProject(container.root);
    stop.signal.throwIfAborted();
    await play(container, check);
    await container.destroy();
  }
  console.log(`${passed} passed, 0 failed`);
} catch (error) {
  if (error instanceof CannotPlay) {
    console.log(`skipped: ${error.message}`);
  } else {
    process.exitCode = 1;
    if (!stop.signal.aborted) console.error(await container?.report().catch(() => ''));
    console.error(stop.signal.aborted ? stop.signal.reason : error);
    console.log(`${passed} passed, 1 failed`);
  }
} finally {
  await container?.destroy();
}
