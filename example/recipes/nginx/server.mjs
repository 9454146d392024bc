import { rmSync } from 'node:fs';
import { createServer } from 'node:http';

const socket = process.env.SOCKET;

// A process that was killed leaves the file of its socket, and the next one could not listen.
rmSync(socket, { force: true });

createServer((request, response) => {
  response.end(request.url === '/health' ? 'ok' : `API behind nginx, process ${process.pid}`);
}).listen({ path: socket, writableAll: true });
