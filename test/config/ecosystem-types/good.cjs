'use strict';

/** @type {import('pm2-liveness').Ecosystem} */
module.exports = {
  apps: [
    {
      name: 'web',
      script: 'node_modules/vite/bin/vite.js',
      args: '--port 5173 --strictPort',
      env_liveness: { vite: 'http://127.0.0.1:5173/' },
    },
    {
      name: 'api',
      script: 'api.js',
      instances: 2,
      increment_var: 'PORT',
      env: { PORT: 3000 },
      env_liveness: {
        http: {
          url: 'http://127.0.0.1:${PORT}/health',
          method: 'HEAD',
          headers: { accept: 'text/html' },
          status: [204, '200-299'],
        },
        period: '2s',
        failureThreshold: 2,
        action: 'observe',
        restarts: { limit: 3, within: '10m' },
        maxTreeMemory: '512M',
      },
    },
    { name: 'db', script: 'db.js', env_liveness: { tcp: { host: '::1', port: 5432 } } },
    { name: 'queue', script: 'queue.js', env_liveness: { exec: ['node', 'check.js'] } },
    { name: 'beat', script: 'beat.js', env_liveness: { heartbeat: '5s' } },
    { name: 'plain', script: 'plain.js', max_memory_restart: '200M' },
  ],
  deploy: {},
};
