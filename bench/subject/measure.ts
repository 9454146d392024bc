import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MONITOR_FLAGS } from '../../test/support/pm2-sandbox.ts';

/** Further settings of a block; only for the monitor. */
export interface More {
  readonly maxTreeMemory?: string;
  readonly portOwner?: 'app';
}

/** The probe of a target; the same for the monitor and for the bare loop. */
export type Asked = More & Question;

type Question =
  | { readonly http: string }
  | { readonly tcp: string }
  | { readonly vite: { readonly url: string; readonly deepPeriod: string } }
  | { readonly exec: readonly string[] }
  /** Reads PM2's list; only for bare loops. */
  | { readonly pm2: 'list' };

/** The task of a process of subject.ts. */
export interface Subject {
  readonly mode: 'monitor' | 'bare';
  readonly asked: readonly Asked[];
  readonly periodMs: number;
  /** The process that holds all the ports. */
  readonly serverPid: number;
  /** The PM2_HOME whose daemon gives the list, instead of a made-up list; our own files go there too. */
  readonly pm2Home?: string;
  /** Observe mode without delays: each due restart is reported when it is due. */
  readonly isObserved?: boolean;
  /** The port of the listener; only for the monitor, absent where it does not listen. */
  readonly httpPort?: number;
  readonly warmMs: number;
  readonly measureMs: number;
  /** How often the heap is measured, after a forced collection. */
  readonly heapLooks?: number;
  /** True where a CPU profile is taken. */
  readonly isProfiled?: boolean;
}

/** What it found. */
export interface Measured {
  /** Probes that ended during the measurement. */
  readonly probes: number;
  /** How often PM2's list was read. */
  readonly polls: number;
  readonly elapsedMs: number;
  /** Until every target had answered once. */
  readonly readyMs: number;
  readonly cpuUs: number;
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
  readonly dispersion: number;
  /** These two after a forced collection of garbage. */
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** At each measurement of the heap: the number of probes so far, and the live bytes. */
  readonly heap: readonly { readonly probes: number; readonly bytes: number }[];
  /** When a restart was first due, by pm_id; milliseconds since 1970. Only in observe mode. */
  readonly dueAt: Readonly<Record<string, number>>;
  readonly profile: readonly Spent[];
}

/** A share of the CPU. */
export interface Spent {
  readonly where: string;
  readonly share: number;
}

/** A measured process, once it is at work. */
interface Running {
  readonly pid: number;
  /** Resolves when every target has answered once. */
  readonly ready: Promise<void>;
  readonly measured: Promise<Measured>;
}

/** The folder of this build; another build has the same form, see beside.ts. */
export const OWN_ROOT = new URL('../../', import.meta.url);

/** Runs a subject of the build in `root`. The promises reject if its process ends before it has answered. */
export function begin(subject: Subject, root: URL = OWN_ROOT): Running {
  const execArgv = ['--import', 'tsx', '--expose-gc', ...MONITOR_FLAGS];
  const home = mkdtempSync(join(tmpdir(), 'plb-'));
  // PM2's library makes folders in it as soon as it is loaded, which must not be the user's own PM2_HOME.
  const env = { ...process.env, PM2_HOME: subject.pm2Home ?? home };
  const child = fork(new URL('bench/subject/subject.ts', root), { execArgv, env });
  child.once('exit', () => rmSync(home, { recursive: true, force: true }));
  child.send(subject);
  const measured = async (): Promise<Measured> => {
    const found = await messageOf<Measured>(child, 'probes');
    await once(child, 'exit');
    return found;
  };
  return {
    pid: child.pid ?? 0,
    ready: messageOf<object>(child, 'isReady').then(() => undefined),
    measured: measured(),
  };
}

/** Runs a subject, and returns its result. */
export async function measure(subject: Subject, root: URL = OWN_ROOT): Promise<Measured> {
  const { ready, measured } = begin(subject, root);
  await ready;
  return measured;
}

/** The first message of a child with this field: @pm2/io uses the same channel for its messages to PM2. */
export function messageOf<Message>(child: ChildProcess, field: string): Promise<Message> {
  return new Promise((resolve, reject) => {
    child.on('message', (sent: object) => {
      if (field in sent) resolve(sent as Message);
    });
    child.once('exit', (code) => reject(new Error(`a measured process ended with code ${code}`)));
  });
}
