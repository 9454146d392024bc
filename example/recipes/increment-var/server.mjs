import { createServer } from 'node:http';

const server = createServer((request, response) => {
  response.end(request.url === '/health' ? 'ok' : `answered by process ${process.pid}`);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
