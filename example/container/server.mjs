import { createServer } from 'node:http';
import { env } from 'node:process';

// Busy for ever, as an API with an endless loop is: nothing in this process runs any more.
const hang = () => {
  for (;;);
};

const server = createServer(({ url }, response) => {
  if (url === '/hang') setImmediate(hang);
  response.end(`${process.pid}\n`);
});

// What is being answered is finished before it ends.
process.once('SIGINT', () => {
  console.log('ending');
  server.close(() => {
    console.log('ended');
  });
  server.closeIdleConnections();
});

server.listen(Number(env.PORT));
