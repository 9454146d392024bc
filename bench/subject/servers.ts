// Serves many local ports in its own process, and reports them: 200 and two bytes, so that the server side of
// a probe costs the least. `node bench/subject/servers.ts <count>`
import { createServer, type Server } from 'node:http';

const count = Number(process.argv[2]);
const hung = new Set<number>();
let isAllHung = false;
/** How many requests came in each second; by seconds since 1970. */
const served: Record<number, number> = {};

/** One server on a port of the system's choice. */
function listen(index: number): Promise<Server> {
  const server = createServer((_request, response) => {
    const second = Math.floor(Date.now() / 1_000);
    served[second] = (served[second] ?? 0) + 1;
    if (!isAllHung && !hung.has(index)) response.end('ok');
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
/** `hang` is one server, or all; `count` asks what was served. */
type Order = { readonly hang: number | 'all' } | { readonly count: true };
process.on('message', (order: Order) => {
  if ('count' in order) process.send?.({ served });
  else if (order.hang === 'all') isAllHung = true;
  else hung.add(order.hang);
});
process.on('disconnect', () => process.exit());
