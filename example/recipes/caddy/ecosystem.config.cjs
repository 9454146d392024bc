'use strict';

const port = Number(process.env.PORT ?? 3000);
const proxyPort = Number(process.env.PROXY_PORT ?? port + 1);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'api',
      script: 'server.mjs',
      env: { PORT: port },
      env_liveness: {
        // The API itself is asked, not Caddy.
        http: 'http://localhost:${PORT}/health',
        timeout: '1s',
      },
    },
    {
      name: 'caddy',
      script: 'caddy',
      args: 'run --config Caddyfile',
      interpreter: 'none',
      env: { PORT: port, PROXY_PORT: proxyPort },
      env_liveness: {
        // Any status: while the API is away Caddy answers 502, and to restart Caddy would not help.
        http: { url: 'http://localhost:${PROXY_PORT}/', status: '100-599' },
        // Longer than Caddy itself waits for the API.
        timeout: '5s',
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
