'use strict';

const port = Number(process.env.PORT ?? 3000);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'instances',
      script: 'server.mjs',
      instances: 3,
      exec_mode: 'fork',
      // The first gets this port, the next the one after it, and so on.
      env: { PORT: port },
      increment_var: 'PORT',
      // In single quotes: the monitor reads `${PORT}` from each instance's own environment. So each
      // instance is a target of its own, and only the one that fails is restarted.
      env_liveness: { http: 'http://127.0.0.1:${PORT}/health' },
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
