import { formatProblems } from '../../config/problem.ts';
import { readBlock, type TargetConfig } from '../../config/target-config.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import type { Sample } from '../../probe/probe.ts';
import { shownTarget } from '../../report/status.ts';
import { numberOf } from '../../target/grouping.ts';
import { systemClock as clock } from '../../time/clock.ts';
import { appChecker } from '../check/app.ts';
import { checkRunner } from '../check/runner.ts';
import { limitToAddresses } from '../../diagnosis/probed-address.ts';
import { usage } from '../framework/parse-arguments.ts';
import { TCP_WARNING } from '../proposal/block-for.ts';
import { readingsOf, TYPED_WANT } from '../proposal/typed-word.ts';
import { askOnce } from '../status/ask-once.ts';
import type { Plan } from './plan.ts';

/** A PM2, and its list. */
interface Apps {
  readonly pm2Home: string;
  readonly processes: readonly ManagedProcess[];
}

/** How long an app that does not listen yet may take: it may have been started just now. */
const START_MS = 5_000;

/**
 * The block that a typed word means for an app: the first of its readings that the app answers. No block where
 * it answers none of them, because a monitor would then restart an app that may be well. Throws ERR_USAGE.
 */
export async function typedProposal(
  word: string,
  app: ManagedProcess,
  apps: Apps,
  signal: AbortSignal,
): Promise<Plan['proposal']> {
  const readings = readingsOf(word).map((block) => ({ block, config: configOf(block, app) }));
  const [first] = readings;
  if (first === undefined) throw usage(`watch: got '${word}'; ${TYPED_WANT}`);
  if (app.status !== 'online') {
    const warning = `not tried: PM2 says ${app.status}`;
    return { block: first.block, found: 'the probe as you typed it', warning };
  }
  const ask = await asker(app, apps, signal);
  let sample = await ask(first.config);
  const until = clock.now() + START_MS;
  while (isRefused(sample) && clock.now() < until && !signal.aborted) {
    await clock.sleep(300, signal);
    sample = await ask(first.config);
  }
  let reading = first;
  for (const other of readings.slice(1)) {
    if (sample.kind === 'ok' || isRefused(sample) || isSilent(sample)) break;
    reading = other;
    sample = await ask(other.config);
  }
  const { block, config } = reading;
  const asked = `${config.probe.type} ${shownTarget(config)}`;
  if (sample.kind === 'ok' || config.probe.type === 'heartbeat') {
    const warning = config.probe.type === 'tcp' ? TCP_WARNING : null;
    return { block, found: `${asked} was tried: ${sample.detail}`, warning };
  }
  const found = `${asked} was tried, and ${app.name} would be restarted for it: ${sample.detail}`;
  const hint = isSilent(sample) && config.probe.type === 'http' ? SILENT : null;
  return { block: null, found, warning: hint };
}

const SILENT =
  'it accepts connections and says nothing: it hangs, or does not speak HTTP; for the second, type tcp:// before the address';

/** Asks as the monitor would: an answer of somebody else is not the app's. */
async function asker(
  app: ManagedProcess,
  { pm2Home, processes }: Apps,
  signal: AbortSignal,
): Promise<(config: TargetConfig) => Promise<Sample>> {
  const check = appChecker(pm2Home, processes);
  const runner = await checkRunner(pm2Home);
  const { name } = app;
  return async (config) => {
    const each = { name, instance: numberOf(app), config, note: null, process: app };
    const { sample } = await check(each, (only) =>
      askOnce(limitToAddresses(config, only), {
        timeoutMs: null,
        signal,
        runAs: () => runner.runAs(app),
      }),
    );
    return sample;
  };
}

/** The settings of a reading. Throws ERR_USAGE with all its problems. */
function configOf(block: unknown, { name, env }: ManagedProcess): TargetConfig {
  const read = readBlock(block, env);
  if (read.ok) return read.config;
  throw usage(`watch: ${formatProblems(name, read.problems)}`);
}

function isRefused(sample: Sample): boolean {
  return sample.kind === 'fail' && sample.class === 'refused';
}

function isSilent(sample: Sample): boolean {
  return sample.kind === 'fail' && sample.class === 'timeout';
}
