'use strict';

const port = Number(process.env.PORT ?? 8080);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'webpack',
      script: 'node_modules/webpack-cli/bin/cli.js',
      args: `serve --port ${port} --no-open`,
      env_liveness: {
        // With a source that does not compile it also answers 200, and shows the error in the browser.
        http: `http://localhost:${port}/`,
        // Every answer waits for the running build. Meanwhile the app burns CPU; it has this much time
        // before it counts as hung.
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
