'use strict';

const port = Number(process.env.PORT ?? 6006);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'storybook',
      script: 'node_modules/storybook/dist/bin/dispatcher.js',
      args: `dev -p ${port} --exact-port --ci`,
      env: { STORYBOOK_DISABLE_TELEMETRY: '1' },
      env_liveness: {
        // The manager's page comes from Storybook itself, and answers while a story does not compile: that is
        // shown in the browser.
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
