import { createServer } from 'node:http';

const server = createServer((request, response) => {
  response.end(request.url === '/health' ? 'ok' : `answered by process ${process.pid}`);
});
server.listen(Number(process.env.PORT));

// Finishes the open requests before PM2's reload stops this process.
process.on('SIGINT', () => server.close(() => process.exit(0)));
