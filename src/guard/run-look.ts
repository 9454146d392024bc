import { randomUUID } from 'node:crypto';
import { dataDir } from '../config/data-dir.ts';
import { messageOf } from '../errors.ts';
import type { Channel } from '../notify/channel/channel.ts';
import type { OsReader } from '../os/os-reader.ts';
import type { Pm2Connection } from '../pm2/client.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { singleLine } from '../text/single-line.ts';
import { withTimeout } from '../time/deadline.ts';
import type { LightAbortSignal } from '../time/light-abort.ts';
import { decide, type GuardDecision } from './decide.ts';
import type { MonitorProcess } from './evidence.ts';
import type { GuardOrder } from './finding.ts';
import { readGuard, writeGuard, type GuardDocument, type Unsent } from './guard-file.ts';
import { alone } from './guard-lock.ts';
import { look, type LookDeps } from './look.ts';
import { repeatTrouble, sendUnsent } from './send-unsent.ts';

/** The channels that the monitor has. */
export interface GuardChannels {
  readonly channels: readonly Channel[];
  /** Sentences without secrets. */
  readonly problems: readonly string[];
  /** False where some may not be known at this moment. */
  readonly isWhole: boolean;
}

/** What one look of the guard uses. */
export interface RunLookDeps extends LookDeps {
  readonly reader: Pick<OsReader, 'processes' | 'births'>;
  readonly openPm2: () => Promise<Pick<Pm2Connection, 'connect' | 'list' | 'restart' | 'close'>>;
  /** Runs `pm2 resurrect`; null where it did, else PM2's complaint. */
  readonly resurrect: () => Promise<string | null>;
  readonly channels: () => Promise<GuardChannels>;
  /** False where another program starts the daemon, see `isLeftToOther`. */
  readonly mayResurrect: boolean;
  readonly host: string;
  readonly signal: LightAbortSignal;
}

/** What one look came to. */
export interface LookResult {
  readonly decision: GuardDecision;
  /** How the order went; null where there was none, or it was done. */
  readonly failure: string | null;
  /** True where `pm2 resurrect` is due and left to another program. Nothing was written or sent. */
  readonly isLeftToOther: boolean;
  /** What did not reach people, and why. */
  readonly problems: readonly string[];
}

/** How long a restart of the monitor by PM2 may take, in milliseconds. */
const RESTART_MS = 20_000;

/** Attempts that fail so often are worth a message of their own. */
const FAILURES_UNTIL_TOLD = 3;

/**
 * One look: evidence, decision, act, message. Null where another look runs. What was decided is on disk before it is
 * done, so that a look that is killed is not repeated at once.
 */
export async function runLook(deps: RunLookDeps): Promise<LookResult | null> {
  const dir = dataDir(deps.pm2Home);
  return alone(dir, deps.reader, async () => {
    const before = await readGuard(dir);
    const decision = decide(await look(deps), before.memory);
    const { order, message, memory } = decision;
    if (order?.type === 'resurrect' && !deps.mayResurrect) {
      return { decision, failure: null, isLeftToOther: true, problems: [] };
    }
    const unsent = message === null ? before.unsent : [...before.unsent, newMessage(message, deps)];
    const unsaved = await save(dir, { schemaVersion: 1, memory, unsent });
    const failure = order === null ? null : await execute(order, deps);
    // Without a memory the same message would go out every minute.
    if (unsaved !== null) return { decision, failure, isLeftToOther: false, problems: [unsaved] };
    const { document, isChanged } = afterFailure({ memory, unsent }, failure, decision, deps);
    const failed = isChanged ? await save(dir, document) : null;
    const problems = failed === null ? [] : [failed];
    if (document.unsent.length > 0) problems.push(...(await sendAll(dir, document, deps)));
    const lasting = memory.isTold && memory.trouble !== null && message === null;
    if (lasting) problems.push(...(await repeat(decision.found, deps)));
    return { decision, failure, isLeftToOther: false, problems };
  });
}

function newMessage(
  { text, isTrouble }: NonNullable<GuardDecision['message']>,
  { clock }: RunLookDeps,
): Unsent {
  return { id: randomUUID(), at: clock.wall(), text: singleLine(text, 500), isTrouble, done: [] };
}

/** The document with a failed attempt in it: in the message of this look, else in one of its own at the third. */
function afterFailure(
  { memory, unsent }: Pick<GuardDocument, 'memory' | 'unsent'>,
  failure: string | null,
  { message, found }: GuardDecision,
  deps: RunLookDeps,
): { readonly document: GuardDocument; readonly isChanged: boolean } {
  if (failure === null) return { document: { schemaVersion: 1, memory, unsent }, isChanged: false };
  const failures = (memory.failures ?? 0) + 1;
  const isNews = message === null && failures === FAILURES_UNTIL_TOLD;
  const all = isNews ? [...unsent, newMessage({ text: found, isTrouble: true }, deps)] : unsent;
  const whole = isNews || message !== null ? withFailure(all, failure) : all;
  const document = { schemaVersion: 1, memory: { ...memory, failures }, unsent: whole } as const;
  return { document, isChanged: true };
}

/** The last message says too that it did not work. */
function withFailure(unsent: readonly Unsent[], failure: string): readonly Unsent[] {
  return unsent.map((each, at) =>
    at < unsent.length - 1
      ? each
      : { ...each, text: singleLine(`${each.text}; it did not work: ${failure}`, 500) },
  );
}

async function sendAll(
  dir: string,
  document: GuardDocument,
  deps: RunLookDeps,
): Promise<readonly string[]> {
  const { channels, problems, isWhole } = await deps.channels();
  const { host, signal, clock } = deps;
  const to = { host, signal, wall: clock.wall(), isWhole };
  const sent = await sendUnsent(document.unsent, channels, to);
  const unsaved = await save(dir, { ...document, unsent: sent.left });
  return [...problems, ...sent.problems, ...(unsaved === null ? [] : [unsaved])];
}

/** A sink that forgets what is not repeated would end the alert while the trouble lasts. */
async function repeat(text: string, deps: RunLookDeps): Promise<readonly string[]> {
  const { host, signal, clock } = deps;
  const { channels } = await deps.channels();
  return repeatTrouble(singleLine(text, 500), channels, { host, signal, wall: clock.wall() });
}

/** Null where it is on disk, else why not: a full disk is no reason to leave PM2 dead. Never rejects. */
async function save(dir: string, document: GuardDocument): Promise<string | null> {
  return writeGuard(dir, document).then(
    () => null,
    (error: unknown) => `what was found and sent cannot be saved: ${messageOf(error)}`,
  );
}

/** The reason where it did not work. Never rejects. */
async function execute(order: GuardOrder, deps: RunLookDeps): Promise<string | null> {
  try {
    if (order.type === 'resurrect') return await deps.resurrect();
    return await restart(order.processes, deps);
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * By PM2, which sends SIGKILL to a process that does not react. The list is read again: only what is still the same
 * process is restarted.
 */
async function restart(
  processes: readonly MonitorProcess[],
  { openPm2, clock }: RunLookDeps,
): Promise<string | null> {
  const pm2 = await openPm2();
  try {
    await pm2.connect();
    const list = await pm2.list();
    for (const { pmId, pid, status } of processes) {
      const isSame = (each: ManagedProcess): boolean =>
        each.pmId === pmId && each.pid === pid && each.status === status;
      const found = list.find(isSame);
      if (found === undefined) continue;
      const done = pm2.restart(found).then(() => true);
      if (!(await withTimeout(done, RESTART_MS, false, clock)))
        return 'PM2 did not restart it in time';
    }
    return null;
  } finally {
    await pm2.close();
  }
}
