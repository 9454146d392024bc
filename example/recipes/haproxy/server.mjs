import { createServer } from 'node:http';

createServer((request, response) => {
  response.end(request.url === '/health' ? 'ok' : `API behind HAProxy, process ${process.pid}`);
}).listen(Number(process.env.PORT), '127.0.0.1');
