'use strict';

const port = Number(process.env.PORT ?? 5173);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'web',
      // Vite's own program: behind npm, PM2 would watch and stop npm instead.
      script: 'node_modules/vite/bin/vite.js',
      // Without --strictPort Vite goes to another port when this one is taken, and nobody finds it.
      args: `--port ${port} --strictPort`,
      env: { CI: 'true' }, // some versions of Vite exit when their standard input closes
      // Pings Vite, and loads the page's modules once a minute. A broken server is restarted; for a
      // broken source file there is no restart.
      env_liveness: { vite: `http://localhost:${port}/` },
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
