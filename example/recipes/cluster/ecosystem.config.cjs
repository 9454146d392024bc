'use strict';

const port = Number(process.env.PORT ?? 3000);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'cluster',
      script: 'server.mjs',
      exec_mode: 'cluster',
      instances: 2,
      env: { PORT: port },
      env_liveness: {
        // The instances share one port, so they are probed, counted and restarted as one target.
        http: 'http://localhost:${PORT}/health',
        // One after the other, so that one answers while the other starts.
        action: 'reload',
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
