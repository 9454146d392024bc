'use strict';

/** @typedef {import('pm2-liveness').Ecosystem['apps'][number]} App */
/** @typedef {NonNullable<App['env_liveness']>} Block */

const tcp = '127.0.0.1:3000';

/** @type {Record<string, Block>} */
exports.blocks = {
  // @ts-expect-error a duration is text with a unit
  'a bare number': { tcp, period: 5 },
  // @ts-expect-error no such key
  'a misspelled key': { tcp, perod: '5s' },
  // @ts-expect-error no such word
  'an unknown action': { tcp, action: 'reboot' },
  // @ts-expect-error one probe is wanted
  'no probe': { period: '5s' },
  // @ts-expect-error exactly one
  'two probes': { tcp, http: 'http://127.0.0.1:3000/' },
  // @ts-expect-error no such key
  'a misspelled key of websocket': { websocket: { url: 'ws://127.0.0.1:3000/', protocl: 'x' } },
  // @ts-expect-error no such key
  'a misspelled key of heartbeat': { heartbeat: { evry: '5s' } },
  // @ts-expect-error exactly one
  'a heartbeat beside another probe': { tcp, heartbeat: '5s' },
  // @ts-expect-error a number, not its digits
  'a threshold as text': { tcp, failureThreshold: '3' },
  // @ts-expect-error no such key
  'a misspelled key of restarts': { tcp, restarts: { widthin: '1m' } },
  // @ts-expect-error no such method
  'a method that changes things': { http: { url: 'http://127.0.0.1/', method: 'DELETE' } },
  // @ts-expect-error a URL is wanted
  'no URL': { vite: { deepPeriod: '60s' } },
  // @ts-expect-error a text is wanted
  'a number as argument': { exec: ['sleep', 1] },
  // @ts-expect-error true or false
  'a flag as text': { tcp, reapOrphans: 'no' },
};

/** @type {import('pm2-liveness').Ecosystem} */
exports.ecosystem = {
  apps: [
    // @ts-expect-error the block of an app in its place
    { script: 'a.js', env_liveness: { tcp, timeout: 2000 } },
    // @ts-expect-error no script to run
    { name: 'b', env_liveness: { tcp } },
  ],
};
