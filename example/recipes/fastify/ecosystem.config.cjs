'use strict';

const port = Number(process.env.PORT ?? 3000);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'api',
      script: 'server.mjs',
      // A thread that says what the API does while it hangs.
      node_args: '--import pm2-liveness/agent',
      env: { PORT: port },
      env_liveness: {
        // The API reports here whether it works; only 200 is healthy.
        http: { url: 'http://localhost:${PORT}/health', status: 200 },
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
