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
          // A route that waits for nothing: a page may wait for a database, and this is asked every
          // few seconds.
          url: `http://localhost:${port}/health`,
          // An error in any file has Next answer 500 everywhere, here too. A restart would not mend
          // it: whether Next answers at all is what counts.
          status: '200-599',
        },
        // The first answer compiles, and so does the first one after a change of much: until then Next
        // burns CPU, and is given this long before it counts as hung.
        startupTimeout: '180s',
        busyGrace: '60s',
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
