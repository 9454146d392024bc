'use strict';

const port = Number(process.env.PORT ?? 8000);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'python',
      script: 'server.py',
      interpreter: 'python3',
      // Without this its output stays in a buffer, and PM2's log is empty when it hangs.
      env: { PORT: port, PYTHONUNBUFFERED: '1' },
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
