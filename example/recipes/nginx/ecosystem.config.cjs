'use strict';

const path = require('node:path');

/** Where the API listens; nginx.conf has the same path. */
const socket = path.join(__dirname, 'api.sock');

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'api',
      script: 'server.mjs',
      env: { SOCKET: socket },
      env_liveness: {
        // The API itself is asked, not nginx: a fault of nginx restarts no API.
        http: { socket, url: 'http://localhost/health' },
        timeout: '1s',
      },
    },
    {
      name: 'pm2-liveness',
      script: 'node_modules/pm2-liveness/dist/main.js',
      pmx: false,
      kill_timeout: 5000, // time to finish a restart that is in progress
      restart_delay: 2000, // PM2 then never gives up on the monitor
    },
  ],
};
