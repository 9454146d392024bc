'use strict';

const port = Number(process.env.PORT ?? 5173);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'web',
      // Vite's own program: behind npm, PM2 would watch and end npm instead.
      script: 'node_modules/vite/bin/vite.js',
      // Without --strictPort Vite goes to another port when this one is taken, and nobody finds it.
      args: `--port ${port} --strictPort`,
      env: { CI: 'true' }, // some versions of Vite end when their standard input does
      // Pings Vite, and loads the page's modules once a minute: it tells a broken server, which is
      // restarted, from a broken source, which is not.
      env_liveness: { vite: `http://localhost:${port}/` },
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
