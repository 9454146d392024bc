import type { Row } from './rows-of-cli-walls.ts';

/** The rooms that tell and show people how the apps are. */
export const TELLING_ROWS: readonly Row[] = [
  [
    'notify',
    'tell people: the notifier, its facts, all of it put together',
    'base config report store uptime verdict',
    'probe pm2',
  ],
  [
    'notify/message',
    'a notice, and how it reads: subject, text, HTML, the document of webhooks',
    'base',
    'notify',
  ],
  [
    'notify/channel',
    'one file for each kind of channel: mail, webhooks, chats, Alertmanager, a command',
    'base config notify/message probe/exec/command.ts',
    'notify',
  ],
  [
    'notify/contract',
    'which messages are due: one when an incident opens, one when it ends; pure',
    'base notify/message',
  ],
  [
    'notify/outbox',
    'messages that wait: queues on disk, one delivery for each channel',
    'base leader/private-dir.ts notify/channel notify/contract notify/message report store',
  ],
  ['notify/ping', "the dead man's switch", 'base report'],
  [
    'page',
    'the status page: the front page, the page of an app, what of them changes, who follows them',
    'base report store history/series/history.ts',
  ],
  ['page/asset', 'the style sheets and the icon of the page', ''],
  ['page/client', "the page's script, which runs in the browser", ''],
  [
    'listener',
    'LIVENESS_HTTP: the server, who is let in, limits; the routes and what they show',
    'base config history/series/document.ts history/series/history.ts page report store uptime',
    'verdict',
  ],
  [
    'listener/metrics',
    '`/metrics`: what is counted, the families, the two formats of Prometheus',
    'base report uptime verdict',
    'probe target',
  ],
  [
    'guard',
    'one look from outside PM2: does the daemon answer, does a monitor lead; what is to be done, and who gets a message',
    'base config control leader/private-dir.ts notify os pm2 store',
  ],
];
