import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PORT = 8099;

/** The webhook's secret, and its URL as a setting of the monitor. */
export const SECRET = 'kept-in-the-container';
export const SINK_URL = `http://127.0.0.1:${PORT}/hook?secret=${SECRET}`;

/** The file in the container that has a line of JSON, `{ headers, body }`, for each message. */
export const MESSAGES = '/var/tmp/messages';

const PROGRAM = '/usr/local/lib/message-sink.cjs';

const SOURCE = `
require('node:http').createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (part) => (body += part)).on('end', () => {
    const line = JSON.stringify({ headers: request.headers, body });
    require('node:fs').appendFileSync('${MESSAGES}', line + '\\n');
    response.writeHead(204).end();
  });
}).listen(${PORT}, '127.0.0.1');
`;

const UNIT = `
[Unit]
Description=webhook of the test
[Service]
ExecStart=/usr/local/bin/node ${PROGRAM}
`;

/** Places a webhook on the loopback of a root folder, which starts at every boot. */
export async function placeMessageSink(root: string): Promise<void> {
  const units = join(root, '/etc/systemd/system');
  const wanted = join(units, 'multi-user.target.wants');
  await mkdir(wanted, { recursive: true });
  await writeFile(join(root, PROGRAM), SOURCE);
  await writeFile(join(units, 'message-sink.service'), UNIT);
  await symlink('../message-sink.service', join(wanted, 'message-sink.service'));
}
