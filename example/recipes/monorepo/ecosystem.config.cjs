'use strict';

const port = Number(process.env.PORT ?? 5173);
const apiPort = Number(process.env.API_PORT ?? port + 1);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  // One file at the top of the repository: each app has its own folder and its own block, one monitor
  // watches both.
  apps: [
    {
      name: 'web',
      cwd: 'apps/web',
      script: '../../node_modules/vite/bin/vite.js',
      args: `--port ${port} --strictPort`,
      env: { API_PORT: apiPort },
      env_liveness: { vite: `http://localhost:${port}/` },
    },
    {
      name: 'api',
      cwd: 'apps/api',
      script: 'server.mjs',
      env: { PORT: apiPort },
      env_liveness: {
        http: 'http://localhost:${PORT}/health',
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
