'use strict';

const port = Number(process.env.PORT ?? 4200);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'angular',
      script: 'node_modules/@angular/cli/bin/ng.js',
      args: `serve --port ${port}`,
      env: { NG_CLI_ANALYTICS: 'false' },
      env_liveness: {
        // Any answer is alive: with source that does not compile Angular serves the last good build, and shows
        // the error in the browser.
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
