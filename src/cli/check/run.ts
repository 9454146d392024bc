import { loadMonitorConfig } from '../../config/load.ts';
import { durationText } from '../../text/duration-text.ts';
import { sanitizeLines } from '../../text/sanitize.ts';
import { jsonText } from '../../text/json-text.ts';
import { shownTarget } from '../../report/status.ts';
import { timingsOf, timingsText } from '../../report/last-sample.ts';
import type { Sample } from '../../probe/probe.ts';
import type { RunAs } from '../../probe/exec/run-as.ts';
import { certFileTrouble } from '../../diagnosis/certificate-file.ts';
import { limitToAddresses } from '../../diagnosis/probed-address.ts';
import { BoundedFiles } from '../../os/bounded-files.ts';
import { systemClock } from '../../time/clock.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { askOnce } from '../status/ask-once.ts';
import { appChecker } from './app.ts';
import { checkRunner } from './runner.ts';
import {
  addressCheck,
  allChecks,
  appChecks,
  isAddress,
  type Check,
  type Checks,
} from './targets.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { MonitorInquiry } from '../status/monitor-status.ts';
import { durationOf, usage } from '../framework/parse-arguments.ts';
import { tableLines, type Cell } from '../framework/table.ts';
import { instanceLabel } from '../../text/instance-label.ts';

/** A check with its answer. */
interface Answered {
  readonly check: Check;
  readonly sample: Sample;
  /**
   * PM2's status of an app that does not run now, a note about who answered, and what is wrong with its `certFile`;
   * null where there is none of these.
   */
  readonly note: string | null;
}

/** The checks, and all that PM2 runs where that is known. */
interface Found extends Checks {
  readonly processes: readonly ManagedProcess[];
}

/** Runs the checks that the words name, prints the answers and returns the exit code. Throws ERR_USAGE. */
export async function runCheck(given: ParsedArguments, io: CliIo): Promise<ExitCode> {
  const timeout = given.valueOf('timeout');
  const timeoutMs = timeout === undefined ? null : durationOf('check', 'timeout', timeout);
  const { pm2Home } = loadMonitorConfig();
  const found = await checksOf(given);
  const runner = await checkRunner(pm2Home);
  const check = appChecker(pm2Home, found.processes);
  const files = new BoundedFiles(systemClock);
  const answers = await Promise.all(
    found.checks.map(async (each): Promise<Answered> => {
      const runAs = (): Promise<RunAs> => runner.runAs(each.process ?? undefined);
      const { sample, note } = await check(each, (only) =>
        askOnce(limitToAddresses(each.config, only), { timeoutMs, signal: io.signal, runAs }),
      );
      const trouble = await certFileTrouble(each.config, files);
      const file = trouble && `${trouble.reason}: ${trouble.fix}`;
      const notes = [each.note, note, file].filter((text) => text !== null);
      return { check: each, sample, note: notes.length > 0 ? notes.join('; ') : null };
    }),
  );
  print(answers, found, given, io);
  if (found.misconfigured.length > 0) return 2;
  return exitCodeOf(answers);
}

/** Finds the checks. PM2's list is read only where a word names an app. */
async function checksOf({ words, has }: ParsedArguments): Promise<Found> {
  if (has('all') && words.length > 0) {
    throw usage(`check: --all means all apps; drop it, or drop '${words.join(' ')}'`);
  }
  const isVite = has('vite');
  if (isVite && !words.some((word) => word.includes('://'))) {
    throw usage('check: --vite wants a URL, like http://127.0.0.1:5173/');
  }
  const addresses = new Map(
    words.filter(isAddress).map((word) => [word, addressCheck(word, isVite)]),
  );
  const needsPm2 = words.length === 0 || words.length > words.filter(isAddress).length;
  if (!needsPm2) return { checks: [...addresses.values()], misconfigured: [], processes: [] };
  const pm2 = new MonitorInquiry(loadMonitorConfig().pm2Home);
  try {
    const processes = await pm2.processes();
    if (words.length === 0) return { ...allChecks(processes), processes };
    const found = words.map((word): Checks => {
      const address = addresses.get(word);
      return address ? { checks: [address], misconfigured: [] } : appChecks(word, processes);
    });
    return {
      checks: found.flatMap(({ checks }) => checks),
      misconfigured: found.flatMap(({ misconfigured }) => misconfigured),
      processes,
    };
  } finally {
    await pm2.close();
  }
}

function print(
  answers: readonly Answered[],
  { misconfigured }: Checks,
  given: ParsedArguments,
  io: CliIo,
): void {
  if (given.has('json')) {
    const checks = answers.map(documentOf);
    io.out(jsonText({ schemaVersion: 1, checks, misconfigured }, 2));
  } else {
    const rows = answers.map((answer) => rowOf(answer, io));
    for (const line of tableLines(rows, io.columns)) io.out(line);
    for (const { message } of misconfigured) io.err(sanitizeLines(message));
  }
  if (answers.length === 0 && misconfigured.length === 0) {
    io.err('no app has an env_liveness block; `pm2-liveness check <url>` needs none');
  }
}

function rowOf({ check: { name, instance }, sample, note }: Answered, { style }: CliIo): Cell[] {
  const paint = { ok: style.good, fail: style.bad, unknown: style.warn }[sample.kind];
  return [
    { text: instanceLabel(name, instance), paint: style.bold },
    { text: sample.kind === 'fail' ? sample.class : sample.kind, paint },
    { text: durationText(sample.durationMs, 0) },
    { text: answerText(sample, note) },
  ];
}

/** The timings come last, so that a line that is too long loses them first. */
function answerText(sample: Sample, note: string | null): string {
  const timings = timingsText(timingsOf(sample).timings);
  const answer = note === null ? sample.detail : `${sample.detail} (${note})`;
  return timings === '' ? answer : `${answer} [${timings}]`;
}

function documentOf({ check: { name, instance, config }, sample, note }: Answered): object {
  return {
    name,
    instance,
    probe: { type: config.probe.type, target: shownTarget(config) },
    ok: sample.kind === 'unknown' ? null : sample.kind === 'ok',
    class: sample.kind === 'fail' ? sample.class : null,
    detail: sample.detail,
    durationMs: Math.round(sample.durationMs * 10) / 10,
    ...timingsOf(sample),
    note,
  };
}

function exitCodeOf(answers: readonly Answered[]): ExitCode {
  // Heartbeats cannot be received here, so they do not count.
  const asked = answers.filter(({ check }) => check.config.probe.type !== 'heartbeat');
  return answers.length > 0 && asked.every(({ sample }) => sample.kind === 'ok') ? 0 : 1;
}
