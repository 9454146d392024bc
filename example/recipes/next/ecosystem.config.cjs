'use strict';

const port = Number(process.env.PORT ?? 3000);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'next',
      script: 'node_modules/next/dist/bin/next',
      args: `dev -p ${port}`,
      env: { NEXT_TELEMETRY_DISABLED: '1' },
      env_liveness: {
        http: {
          // A route that does not wait: a page may wait for a database, and this route is requested
          // every few seconds.
          url: `http://localhost:${port}/health`,
          // With an error in any file Next answers 500 everywhere, here too. A restart would not fix
          // that, so only the fact that Next answers counts. Source that does not compile is reported
          // all the same, with its file, because Next's page proves it.
          status: '200-599',
        },
        // Next compiles before its first answer, and again after a large change. Meanwhile it burns CPU;
        // it has this much time before it counts as hung.
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
