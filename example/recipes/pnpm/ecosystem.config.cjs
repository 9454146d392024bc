'use strict';

const port = Number(process.env.PORT ?? 5173);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'web',
      script: 'pnpm',
      args: `run dev --port ${port} --strictPort`,
      env: { CI: 'true' },
      env_liveness: {
        vite: `http://localhost:${port}/`,
        // PM2 knows only pnpm. When pnpm is killed, its Vite keeps running and keeps the port, and every new
        // start by PM2 fails. The monitor proves that this Vite is an old process of the app, and stops it.
        reapOrphans: true,
        // PM2's own max_memory_restart would see only pnpm.
        maxTreeMemory: '2G',
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
