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
        // A source that does not compile is answered with 200 too, and the error in the browser.
        http: `http://localhost:${port}/`,
        // Every answer waits for the build that is under way: it burns CPU, and is given this long
        // before it counts as hung.
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
