'use strict';

const port = Number(process.env.PORT ?? 3000);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'api',
      script: 'server.mjs',
      instances: 2,
      exec_mode: 'fork',
      increment_var: 'PORT', // 3000 and 3001, as haproxy.cfg has them
      env: { PORT: port },
      env_liveness: {
        // Each instance is asked by itself: only the one that hangs is restarted, and HAProxy uses the
        // other one meanwhile.
        http: 'http://127.0.0.1:${PORT}/health',
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
