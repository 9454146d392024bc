'use strict';

const port = Number(process.env.PORT ?? 3000);

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'nest',
      script: 'node_modules/@nestjs/cli/bin/nest.js',
      args: 'start --watch',
      // In production, with script: 'dist/main.js', also node_args: '--import pm2-liveness/agent', which says what a
      // hung app does. Here it would look into Nest's own program, which starts the app.
      env: { PORT: port },
      env_liveness: {
        // A route of its own: it answers while the database is away, which a restart would not fix.
        http: 'http://localhost:${PORT}/health',
        // TypeScript compiles before the first answer.
        startupTimeout: '180s',
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
