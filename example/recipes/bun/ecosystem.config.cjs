'use strict';

const port = Number(process.env.PORT ?? 3000);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'api',
      script: 'server.ts',
      // Bun in place of Node; a path, so that the one of the project is run.
      interpreter: 'node_modules/.bin/bun',
      env: { PORT: port },
      env_liveness: {
        http: 'http://localhost:${PORT}/health',
        // An API answers fast or not at all.
        timeout: '1s',
        // It has no long computation: CPU use without an answer is an endless loop.
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
