// Serves many small local ports in a process of its own, and says which: 200 and two bytes, so that
// the other side of a probe costs the least. `node bench/subject/servers.ts <count>`
import { createServer, type Server } from 'node:http';

const count = Number(process.argv[2]);
const hung = new Set<number>();

/** One server on a port of the system's choice. */
function listen(index: number): Promise<Server> {
  const server = createServer((_request, response) => {
    if (!hung.has(index)) response.end('ok');
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

const ports: number[] = [];
for (let index = 0; index < count; index += 1) {
  const address = (await listen(index)).address();
  if (typeof address === 'object' && address !== null) ports.push(address.port);
}
process.send?.({ ports });
process.on('message', (message: { readonly hang: number }) => hung.add(message.hang));
process.on('disconnect', () => process.exit());
