'use strict';

const port = Number(process.env.PORT ?? 5173);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'react-router',
      script: 'node_modules/@react-router/dev/bin.js',
      args: `dev --port ${port} --strictPort`,
      env_liveness: {
        // React Router's dev server is Vite. A route that does not compile is reported, and the app is not
        // restarted.
        vite: `http://localhost:${port}/`,
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
