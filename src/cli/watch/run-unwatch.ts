import { dataDir } from '../../config/data-dir.ts';
import { loadMonitorConfig } from '../../config/load.ts';
import { codeOf, LivenessError } from '../../errors.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { FIX_IT, readWatched, updateWatched, withWatched } from '../../store/watched-file.ts';
import { jsonText } from '../../text/json-text.ts';
import { didYouMean } from '../../text/nearest.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { printMessage } from '../framework/message.ts';
import { usage } from '../framework/parse-arguments.ts';
import { MonitorInquiry } from '../status/monitor-status.ts';
import { removalOf } from './where.ts';

/**
 * `unwatch <app>`: takes its block out of watched.json, also without PM2. Says how a block is removed that PM2
 * itself has. Throws ERR_USAGE for an unknown name.
 */
export async function runUnwatch({ words, has }: ParsedArguments, io: CliIo): Promise<ExitCode> {
  const [app = ''] = words;
  const { pm2Home } = loadMonitorConfig();
  const dir = dataDir(pm2Home);
  const kept = await readWatched(dir);
  if (typeof kept === 'string') throw new LivenessError('ERR_CONFIG', `${kept}; ${FIX_IT}`);
  const entries = kept.apps.map(({ name }) => name);
  const processes = await processesIn(pm2Home);
  const isInFile = entries.includes(app);
  const found = processes.filter(({ name }) => name === app);
  if (!isInFile && found.length === 0) {
    const names = [...new Set([...entries, ...processes.map(({ name }) => name)])];
    const hint = didYouMean(app, names, `watched.json has ${entries.join(', ') || 'no app'}`);
    throw usage(`unwatch: there is no app '${app}' (${hint})`);
  }
  if (isInFile) await updateWatched(dir, (document) => withWatched(document, app, undefined));
  const own = found.find(({ block, blockFrom }) => block !== undefined && blockFrom === undefined);
  if (has('json')) {
    const removal = own === undefined ? null : removalOf(own);
    io.out(jsonText({ schemaVersion: 1, name: app, isRemoved: isInFile, removal }, 2));
  } else {
    for (const line of linesOf(app, isInFile, own)) printMessage(line, io);
  }
  return own === undefined ? 0 : 1;
}

function linesOf(app: string, isRemoved: boolean, own: ManagedProcess | undefined): string[] {
  const removed = `${app} is out of watched.json`;
  if (own !== undefined) {
    const also = isRemoved ? `${removed}, but still watched` : `${app} is still watched`;
    return [`${also}: PM2 has a block for it; ${removalOf(own)}`];
  }
  if (!isRemoved) return [`${app} is not watched.`];
  return [`${removed}, and no longer watched; the app itself runs on.`];
}

/** PM2's list; empty where no daemon runs. */
async function processesIn(pm2Home: string): Promise<readonly ManagedProcess[]> {
  const inquiry = new MonitorInquiry(pm2Home);
  try {
    return await inquiry.processes();
  } catch (error) {
    if (codeOf(error) === 'ERR_PM2_UNAVAILABLE') return [];
    throw error;
  } finally {
    await inquiry.close();
  }
}
