'use strict';

const port = Number(process.env.PORT ?? 3000);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'nuxt',
      script: 'node_modules/nuxt/bin/nuxt.mjs',
      args: `dev --port ${port}`,
      env: { NUXT_TELEMETRY_DISABLED: '1' },
      env_liveness: {
        // Any answer is alive: source that does not compile answers 500, is reported with its file, and a
        // restart would not fix it. Nuxt's Vite answers by itself, also while the pages hang, so the page
        // is asked, not Vite.
        http: { url: `http://localhost:${port}/`, status: '100-599' },
        // It compiles before its first answer, and again after a large change. Meanwhile it burns CPU; it
        // has this much time before it counts as hung.
        timeout: '10s',
        startupTimeout: '180s',
        busyGrace: '60s',
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
