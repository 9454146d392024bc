import { createServer } from 'node:http';

createServer((request, response) => {
  response.end(request.url === '/health' ? 'ok' : `the API, process ${process.pid}`);
}).listen(Number(process.env.PORT), 'localhost');
