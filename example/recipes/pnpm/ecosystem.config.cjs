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
        // PM2 knows pnpm alone. Where pnpm is killed, the Vite behind it lives on and keeps the port, and
        // PM2's next start fails for ever: such a left-over is proven to be one, and ended.
        reapOrphans: true,
        // PM2's own max_memory_restart would see pnpm only.
        maxTreeMemory: '2G',
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
