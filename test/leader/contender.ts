// One contender of the stress test: stands by, and while it leads reports it again and again.
import { appendFileSync } from 'node:fs';
import { socketPathOf } from '../../src/control/socket-path.ts';
import { waitToLead } from '../../src/leader/lock.ts';
import { createControlServer } from '../../src/control/server.ts';
import { systemClock as clock } from '../../src/time/clock.ts';

const [home = '', log = '', everyMs = '500'] = process.argv.slice(2);
const say = (word: string): void =>
  appendFileSync(log, `${word} ${process.pid} ${process.hrtime.bigint()}\n`);

const routes = new Map([['GET /status', () => ({ pid: process.pid })]]);
say('ready');
const held = await waitToLead({
  socket: socketPathOf(home),
  clock,
  openServer: () => createControlServer(routes),
  signal: new AbortController().signal,
  tell: () => undefined,
  everyMs: Number(everyMs),
});
say('lead');
held?.lost.addEventListener('abort', () => {
  say('lost');
  process.exit(0);
});
setInterval(() => say('lead'), 10);
