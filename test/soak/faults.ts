import { setTimeout as sleep } from 'node:timers/promises';
import type { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import type { ViteApp } from '../support/vite-app.ts';

/** A page under PM2 to be hurt. */
export interface Victim {
  readonly name: string;
  readonly app: ViteApp;
  readonly sandbox: Pm2Sandbox;
}

/** Hurts a victim; ends when that is done, not when the victim is well again. */
export type Fault = (victim: Victim) => Promise<void>;

/** The faults of the table that take seconds, and that leave nothing for a person to fix. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  crash: (victim) => signal(victim, 'SIGKILL'),
  hang: (victim) => signal(victim, 'SIGSTOP'),
  async 'short hang'(victim) {
    await signal(victim, 'SIGSTOP');
    await sleep(900);
    await signal(victim, 'SIGCONT');
  },
  'answers 500': ({ app }) => app.breakServer(),
  silence: ({ app }) => app.silence(),
  'real work': ({ app }) => app.work(3_000),
  async 'source error'({ app }) {
    const repair = await app.edit('src/App.tsx', (text) => `${text}\nexport const broken = (;\n`);
    await sleep(3_000);
    await repair();
  },
  async 'stop and start'({ name, sandbox }) {
    await sandbox.pm2('stop', name);
    await sleep(1_000);
    await sandbox.pm2('start', name);
  },
  async restart({ name, sandbox }) {
    await sandbox.pm2('restart', name);
  },
  async reset({ name, sandbox }) {
    await sandbox.pm2('reset', name);
  },
};

/** To PM2's present incarnation; one that has just exited needs none. */
async function signal({ name, sandbox }: Victim, what: NodeJS.Signals): Promise<void> {
  const { pid } = await sandbox.app(name);
  try {
    if (pid > 0) process.kill(pid, what);
  } catch {
    // It ended between the look and the signal: a crash of its own.
  }
}
