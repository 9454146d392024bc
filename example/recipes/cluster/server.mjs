import { createServer } from 'node:http';

const server = createServer((request, response) => {
  response.end(request.url === '/health' ? 'ok' : `answered by process ${process.pid}`);
});
server.listen(Number(process.env.PORT));

// Lets the requests under way end before PM2's reload ends this process.
process.on('SIGINT', () => server.close(() => process.exit(0)));
