'use strict';

const port = Number(process.env.PORT ?? 3000);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'workers',
      script: 'server.mjs',
      exec_mode: 'cluster',
      instances: 2,
      env: { PORT: port },
      env_liveness: {
        // Behind one port PM2 hands each question to another worker, so one that hangs alone goes
        // unseen. Each says for itself that it is alive; the one that falls silent is restarted alone.
        heartbeat: '3s',
        // A worker has nothing to compute for long.
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
