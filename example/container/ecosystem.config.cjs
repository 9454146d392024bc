'use strict';

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'api',
      script: 'server.mjs',
      kill_timeout: 5000,
      env: { PORT: 3000 },
      env_liveness: {
        http: 'http://127.0.0.1:${PORT}/',
        timeout: '1s',
        busyGrace: '5s',
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
