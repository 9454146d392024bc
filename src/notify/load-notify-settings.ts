import type { NotifySource } from '../config/load.ts';
import type { NotifySettings } from './notify-session.ts';

/** Who gets messages, and what is wrong with the settings: one sentence each, without secrets. Never rejects. */
export async function loadNotifySettings(
  source: NotifySource,
): Promise<{ readonly settings: NotifySettings; readonly problems: readonly string[] }> {
  const url = source.ping?.reveal();
  const ping = url === undefined ? null : { url, shown: new URL(url).host };
  if (source.lines === null && source.file === null) {
    return { settings: { channels: [], ping }, problems: [] };
  }
  // Most monitors have none, and need not load every kind of channel.
  const { loadChannels } = await import('./channel/load-channels.ts');
  const { channels, problems } = await loadChannels(source);
  return { settings: { channels, ping }, problems };
}
