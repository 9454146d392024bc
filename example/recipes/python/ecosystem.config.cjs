'use strict';

const port = Number(process.env.PORT ?? 8000);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'python',
      script: 'server.py',
      interpreter: 'python3',
      // Else what it prints stays in a buffer, and PM2's log is empty when it hangs.
      env: { PORT: port, PYTHONUNBUFFERED: '1' },
      env_liveness: { http: 'http://127.0.0.1:${PORT}/health' },
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
