import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container } from './container.ts';

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
[Install]
WantedBy=multi-user.target
`;

/** Starts a webhook on the container's loopback, now and at every boot. */
export async function placeMessageSink(container: Container): Promise<void> {
  await writeFile(join(container.root, PROGRAM), SOURCE);
  await writeFile(join(container.root, '/etc/systemd/system/message-sink.service'), UNIT);
  await container.must(['systemctl', 'enable', '--now', 'message-sink.service']);
}
