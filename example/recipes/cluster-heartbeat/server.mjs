import { createServer } from 'node:http';
import { startHeartbeat } from 'pm2-liveness/heartbeat';

const server = createServer((request, response) => {
  response.end(`answered by process ${process.pid}`);
});
server.listen(Number(process.env.PORT));

// Where the event loop stands still, so do these.
startHeartbeat({ everyMs: 500 });
