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
          // The certificate that is trusted, and no other: `rejectUnauthorized: false` would take any.
          // `node make-certificate.mjs` writes it.
          ca: readFileSync(`${__dirname}/certificate.pem`, 'utf8'),
        },
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
