import type { Channel } from '../channel/channel.ts';
import type { Ledger, LedgerEntry } from '../contract/ledger.ts';
import type { OutboxDocument } from './outbox-file.ts';

/**
 * What an earlier monitor left, by the names that the channels have now. A channel is known by its URL first, so one more line
 * above it, or another `name=`, gives its messages to nobody else; where its URL is gone, by a name that a person wrote.
 */
export function renameChannels(
  document: OutboxDocument,
  channels: readonly Pick<Channel, 'name' | 'id' | 'isNamed'>[],
): OutboxDocument {
  const rename = (name: string): string => nameNow(name, document.channels ?? {}, channels);
  const queues: Record<string, OutboxDocument['queues'][string]> = {};
  for (const [name, queue] of Object.entries(document.queues)) {
    const now = rename(name);
    queues[now] = [...(queues[now] ?? []), ...queue];
  }
  return { ...document, queues, ledger: ledgerBy(document.ledger, rename) };
}

/** The id of each channel by its name, for the file. */
export function channelIdsOf(
  channels: readonly Pick<Channel, 'name' | 'id'>[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(channels.flatMap(({ name, id }) => (id ? [[name, id]] : [])));
}

function nameNow(
  name: string,
  ids: Readonly<Record<string, string>>,
  channels: readonly Pick<Channel, 'name' | 'id' | 'isNamed'>[],
): string {
  const [plain = '', gone] = name.split('#');
  const id = gone ?? ids[name];
  // The file of an older monitor has names alone.
  if (id === undefined) return name;
  const same = channels.filter((channel) => channel.id === id);
  const found = same.find((channel) => channel.name === plain) ?? same[0];
  if (found !== undefined) return found.name;
  const named = channels.find((channel) => channel.name === plain && channel.isNamed === true);
  // A name that no channel can have: it is nobody's until the same URL is back.
  return named === undefined ? `${plain}#${id}` : plain;
}

function ledgerBy(ledger: Ledger, rename: (name: string) => string): Ledger {
  const each = (names: readonly string[]): string[] => [...new Set(names.map(rename))];
  const renamed = (entry: LedgerEntry): LedgerEntry => ({
    ...entry,
    sentTo: each(entry.sentTo),
    reportedBefore: each(entry.reportedBefore),
  });
  return {
    ...ledger,
    entries: ledger.entries.map(renamed),
    ended: ledger.ended.map((ended) => ({ ...ended, entry: renamed(ended.entry) })),
  };
}
