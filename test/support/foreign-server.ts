import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { Stage } from './scenario.ts';

/** Takes the port as soon as it is free, and gives this answer to everything. */
const SOURCE = `
const { createServer } = require('node:http');
const [port, host, status] = process.argv.slice(-3);
const server = createServer((request, response) => {
  response.statusCode = Number(status);
  response.end(status === '204' ? undefined : 'somebody else');
});
server.on('error', () => setTimeout(listen, 20));
server.on('listening', () => console.log('listening'));
function listen() { server.listen(Number(port), host); }
listen();
`;

/** Who takes a port, and how. */
export interface Foreign {
  readonly host?: string;
  readonly status?: number;
  /** The file of its program; Node's own unless given. */
  readonly program?: string;
  /**
   * The path of its script, which its command line then shows; without it the script is in the command line.
   */
  readonly script?: string;
}

/** A stranger's server, outside PM2, that has taken a port; it is stopped with the stage. */
export async function foreignServer(
  stage: Pick<Stage, 'defer'>,
  port: number,
  { host = '127.0.0.1', status = 200, program = process.execPath, script }: Foreign = {},
): Promise<ChildProcess> {
  if (script !== undefined) await writeFile(script, SOURCE);
  const words = [...(script === undefined ? ['-e', SOURCE] : [script]), String(port), host];
  const foreign = spawn(program, [...words, String(status)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  stage.defer(() => void foreign.kill('SIGKILL'));
  const { stdout } = foreign;
  if (stdout) await once(stdout, 'data', { signal: AbortSignal.timeout(20_000) });
  return foreign;
}
