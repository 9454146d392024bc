import type { NotifySource } from '../config/load.ts';
import { loadChannels } from './channel/load-channels.ts';
import type { NotifySettings } from './notify-session.ts';

/** Who gets messages, and what is wrong with the settings: one sentence each, without secrets. Never rejects. */
export async function loadNotifySettings(
  source: NotifySource,
): Promise<{ readonly settings: NotifySettings; readonly problems: readonly string[] }> {
  const { channels, problems } = await loadChannels(source);
  const url = source.ping?.reveal();
  const ping = url === undefined ? null : { url, shown: new URL(url).host };
  return { settings: { channels, ping }, problems };
}
