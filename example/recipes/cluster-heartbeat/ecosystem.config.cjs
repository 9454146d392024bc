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
        // Behind one port PM2 sends each request to another worker, so a probe cannot see that one worker
        // hangs. Here each worker reports that it is alive; one that stops reporting is restarted alone.
        heartbeat: '3s',
        // A worker here has no long computation.
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
