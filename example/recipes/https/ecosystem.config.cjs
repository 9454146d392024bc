'use strict';

const { readFileSync } = require('node:fs');

const port = Number(process.env.PORT ?? 5173);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'https',
      script: 'node_modules/vite/bin/vite.js',
      args: `--port ${port} --strictPort`,
      env: { CI: 'true' },
      env_liveness: {
        vite: {
          url: `https://localhost:${port}/`,
          // Only this certificate is trusted; `rejectUnauthorized: false` would accept any.
          // `node make-certificate.mjs` writes it.
          ca: readFileSync(`${__dirname}/certificate.pem`, 'utf8'),
        },
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
