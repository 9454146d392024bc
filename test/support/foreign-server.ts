import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Stage } from './scenario.ts';

/** Takes the port as soon as it is free, and answers 200 to everything. */
const SOURCE = `
const { createServer } = require('node:http');
const server = createServer((request, response) => response.end('somebody else'));
server.on('error', () => setTimeout(listen, 20));
server.on('listening', () => console.log('listening'));
function listen() { server.listen(Number(process.argv[1]), '127.0.0.1'); }
listen();
`;

/** A server of somebody else, outside PM2, that has taken a port; it ends with the stage. */
export async function foreignServer(
  stage: Pick<Stage, 'defer'>,
  port: number,
): Promise<ChildProcess> {
  const foreign = spawn(process.execPath, ['-e', SOURCE, String(port)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  stage.defer(() => void foreign.kill('SIGKILL'));
  const { stdout } = foreign;
  if (stdout) await once(stdout, 'data', { signal: AbortSignal.timeout(20_000) });
  return foreign;
}
