import { open, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { loadMonitorConfig } from '../../config/load.ts';
import { codeOf } from '../../errors.ts';
import type { Channel } from '../../notify/channel/channel.ts';
import { endpointOf } from '../../notify/channel/host.ts';
import { loadChannels } from '../../notify/channel/load-channels.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { monitorEnvironment } from '../config/setting-sources.ts';
import type { NotifyFacts } from './facts.ts';

const CONNECT_MS = 3_000;
/** PM2's dump has the environment of every app. */
const MAX_BYTES = 4 * 1024 * 1024;

/** What is known about the channels of the monitor in PM2's list; null where it has none. Sends nothing. */
export async function notifyFacts(
  processes: readonly ManagedProcess[],
  pm2Home: string,
): Promise<NotifyFacts | null> {
  const env = monitorEnvironment(processes);
  if (env === null) return null;
  const { notify: source } = loadMonitorConfig(env);
  const { ping } = source;
  if (source.lines === null && source.file === null && ping === null) return null;
  const { channels, problems } = await loadChannels(source);
  const words = [...(source.lines?.reveal().split(/\s+/) ?? []), ping?.reveal() ?? ''];
  const secrets = words.filter((word) => word.length > 12 && word.includes(':'));
  const files = [
    ...['dump.pm2', 'dump.pm2.bak', 'module_conf.json'].map((name) => join(pm2Home, name)),
    ...['.env', 'ecosystem.config.cjs', 'ecosystem.config.js'].map((name) =>
      join(process.cwd(), name),
    ),
  ];
  const isExposed = await Promise.all(files.map((file) => isReadableWith(file, secrets)));
  return {
    problems,
    channels: await Promise.all(channels.map(reached)),
    ping: ping && (await reachedByPing(ping.reveal())),
    exposed: files.filter((_, index) => isExposed[index]),
  };
}

async function reached({
  name,
  shown,
  endpoint,
}: Channel): Promise<NotifyFacts['channels'][number]> {
  return { name, shown, reason: endpoint === null ? null : await reasonOf(endpoint) };
}

/** Whether the dead man's switch has a way to its server. */
async function reachedByPing(url: string): Promise<NotifyFacts['ping']> {
  const parsed = new URL(url);
  return { shown: parsed.host, reason: await reasonOf(endpointOf(parsed)) };
}

/** Why no connection to it is made; null where one is. It is closed at once. */
function reasonOf(endpoint: NonNullable<Channel['endpoint']>): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(endpoint);
    const finish = (reason: string | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reason);
    };
    const timer = setTimeout(
      () => finish(`no connection within ${CONNECT_MS / 1000} s`),
      CONNECT_MS,
    );
    socket.once('connect', () => finish(null));
    socket.once('error', (error) => finish(`no connection (${codeOf(error) ?? 'no code'})`));
  });
}

/** True where other users can read the file, and one of the secrets is in it. */
async function isReadableWith(file: string, secrets: readonly string[]): Promise<boolean> {
  // Windows has no such modes.
  if (secrets.length === 0 || process.platform === 'win32') return false;
  try {
    const handle = await open(file);
    try {
      const { mode, size } = await handle.stat();
      if ((mode & 0o044) === 0 || !(await isOpenTo(dirname(file)))) return false;
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, MAX_BYTES)));
      const text = buffer.toString('utf8', 0, bytesRead);
      return secrets.some((secret) => text.includes(secret));
    } finally {
      await handle.close();
    }
  } catch {
    // A file that we cannot read has nothing for others that we could name.
    return false;
  }
}

/** True where others may pass through all folders of a path. */
async function isOpenTo(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  if ((mode & 0o011) === 0) return false;
  const above = dirname(folder);
  return above === folder || isOpenTo(above);
}
