import { alertmanager } from './alertmanager.ts';
import type { ChannelKind } from './channel.ts';
import { discord } from './discord.ts';
import type { KindOfChannel } from './entry.ts';
import { exec } from './exec.ts';
import { ntfy } from './ntfy.ts';
import { slack } from './slack.ts';
import { smtp } from './smtp.ts';
import { teams } from './teams.ts';
import { telegram } from './telegram.ts';
import { webhook } from './webhook.ts';

/** Every kind of channel. */
export const KINDS: Readonly<Record<ChannelKind, KindOfChannel>> = {
  smtp,
  webhook,
  slack,
  discord,
  teams,
  telegram,
  ntfy,
  alertmanager,
  exec,
};

/** The kind that the word before the first colon names. */
export const SCHEMES: ReadonlyMap<string, ChannelKind> = new Map([
  ['smtp', 'smtp'],
  ['smtps', 'smtp'],
  ['http', 'webhook'],
  ['https', 'webhook'],
  ['slack', 'slack'],
  ['discord', 'discord'],
  ['teams', 'teams'],
  ['telegram', 'telegram'],
  ['ntfy', 'ntfy'],
  ['alertmanager', 'alertmanager'],
  ['exec', 'exec'],
]);
