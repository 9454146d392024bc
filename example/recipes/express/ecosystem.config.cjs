'use strict';

const port = Number(process.env.PORT ?? 3000);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'api',
      script: 'server.mjs',
      env: { PORT: port },
      env_liveness: {
        // What the API itself says of itself; 200 alone is health.
        http: { url: 'http://localhost:${PORT}/health', status: 200 },
        // An API answers fast or not at all.
        timeout: '1s',
        // And has nothing to compute for long: CPU burnt without an answer is a loop.
        busyGrace: '5s',
      },
    },
    {
      name: 'pm2-liveness',
      script: 'node_modules/pm2-liveness/dist/main.js',
      pmx: false,
      kill_timeout: 5000, // time for a restart under way to end
      restart_delay: 2000, // so that PM2 never gives the monitor up
    },
  ],
};
