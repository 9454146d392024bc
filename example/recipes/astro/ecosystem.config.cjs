'use strict';

const port = Number(process.env.PORT ?? 4321);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'astro',
      script: 'node_modules/astro/astro.js',
      args: `dev --port ${port}`,
      env: { ASTRO_TELEMETRY_DISABLED: '1', ASTRO_DISABLE_UPDATE_CHECK: 'true' },
      env_liveness: {
        // Astro's dev server is Vite and answers the same requests; `url` is Astro's `base`. A page or a
        // script that does not compile is reported, and the app is not restarted.
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
