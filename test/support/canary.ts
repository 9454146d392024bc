import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from './pm2-sandbox.ts';

/** The text in every secret of the canary apps; encodings of letters and digits are searched too. */
const MARK = 'C4N4RY';

/** A secret with characters that URLs, JSON, HTML and shells encode in their own ways. */
export function canary(place: string): string {
  return `${MARK}-${place} a'b"c&d/e`;
}

/** A secret that can be in a header, a URL or an argument unchanged. */
export function plainCanary(place: string): string {
  return `${MARK}.${place}.${createHash('sha1').update(place).digest('hex').slice(0, 8)}`;
}

/** Where a text has a part of it, in plain or base64; null where it has none. */
export function sung(text: string): string | null {
  const forms = [MARK, ...[0, 1, 2].map(inBase64)];
  const at = forms.map((form) => text.indexOf(form)).find((index) => index >= 0);
  return at === undefined ? null : text.slice(Math.max(0, at - 200), at + 60);
}

/** The base64 letters that depend only on the mark, where it begins after this many bytes. */
function inBase64(before: number): string {
  const text = Buffer.from(`${'x'.repeat(before)}${MARK}`)
    .toString('base64')
    .replace(/=+$/, '');
  return text.slice(Math.ceil((before * 4) / 3), text.length - 1);
}

/** The variables of every canary app, which each prints to its error log. */
export const CANARY_ENV = {
  C_VAR: canary('variable'),
  C_WORD: plainCanary('word'),
  DB_PASSWORD: canary('password'),
  DATABASE_URL: `postgres://me:${plainCanary('login')}@db/x`,
  NOBODYS: plainCanary('other'),
};

/** Answers with all that it received: in its status line, Location, body, frames and error log. */
const SERVER = `
const { createServer } = require('node:http');
const { createHash } = require('node:crypto');
const { env, argv } = process;
const all = (request) =>
  [decodeURIComponent(request.url), ...Object.values(request.headers), ...Object.values(env)].join(' ').replace(/[^ -~]/g, '');
const server = createServer((request, response) => {
  console.error('asked for', request.url, JSON.stringify(request.headers));
  const path = request.url.split(/[/?]/)[1];
  if (path === 'silent') return;
  if (path === 'redirect') {
    response.writeHead(302, { location: 'http://other/' + encodeURIComponent(all(request)) + '?' + request.url });
    return response.end();
  }
  if (path === 'vite') {
    if (request.headers.accept === 'text/x-vite-ping') return response.writeHead(204).end();
    if (request.headers['sec-fetch-dest'] !== 'script') {
      return response.setHeader('content-type', 'text/html').end('<script type="module" src="/vite/main.js"></script>');
    }
    const error = JSON.stringify({ message: 'no ' + all(request) });
    return response.writeHead(500).end('<script>class ErrorOverlay {}\\nconst error = ' + error + '\\n</script>');
  }
  response.writeHead(path === 'ok' ? 200 : 503, 'no ' + all(request));
  response.end(JSON.stringify(env));
});
server.on('upgrade', (request, socket) => {
  socket.on('error', () => undefined);
  if (!request.url.startsWith('/frames')) return socket.end('HTTP/1.1 403 no ' + all(request) + '\\r\\nlocation: ' + request.url + '\\r\\n\\r\\n');
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write('HTTP/1.1 101 Switching\\r\\nupgrade: websocket\\r\\nconnection: Upgrade\\r\\nsec-websocket-accept: ' + accept + '\\r\\n\\r\\n');
  socket.once('data', (frame) => {
    const mask = frame.subarray(2, 6);
    const said = frame.subarray(6).map((byte, at) => byte ^ mask[at % 4]).toString();
    const reason = Buffer.from('--no ' + said).subarray(0, 120);
    reason.writeUInt16BE(4000);
    socket.write(Buffer.concat([Buffer.from([0x88, reason.length]), reason]));
  });
});
server.listen(Number(env.PORT), '127.0.0.1');
`;

/** Prints what it has, and runs on. */
const TALKER = `env >&2\necho "DB_PASSWORD=$DB_PASSWORD" >&2\nexec sleep 600\n`;
/** Prints what it received, and fails. */
const CHECK = `echo "$0 $* $C_VAR $DB_PASSWORD $DATABASE_URL $CHECK_ENV" >&2\nexit 3\n`;

const FAST = {
  period: '400ms',
  fastPeriod: '300ms',
  startupPeriod: '200ms',
  startupTimeout: '1s',
  timeout: '900ms',
  failureThreshold: 1,
  action: 'observe',
  portOwner: 'any',
};

/** Apps that fail in every way, each with a canary in every place of its block. */
export async function canaryApps(home: string, port: number, closed: number): Promise<App[]> {
  const files = { server: 'server.cjs', talker: 'talker.sh', check: 'check.sh' };
  await writeFile(join(home, files.server), SERVER);
  await writeFile(join(home, files.talker), TALKER);
  await writeFile(join(home, files.check), CHECK);
  const query = `v=\${C_VAR}&l=${plainCanary('query')}`;
  const headers = {
    authorization: `Bearer ${plainCanary('header')}`,
    cookie: `sid=${plainCanary('cookie')}`,
    'x-key': '${C_WORD}',
  };
  const at = (path: string): string => `http://127.0.0.1:\${PORT}/${path}/\${C_WORD}?${query}`;
  const blocks: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    redirect: { http: { url: at('redirect'), headers, status: 200 } },
    status: { http: { url: at('status'), headers } },
    body: { http: { url: at('ok'), headers, body: canary('body') } },
    expression: { http: { url: at('ok'), headers, bodyNot: '/[}]|C4N4RY.expression/' } },
    silent: { http: { url: at('silent'), headers } },
    tls: { http: { url: at('ok').replace('http:', 'https:'), headers } },
    refused: { http: { url: at('ok').replace('${PORT}', String(closed)), headers } },
    vite: { vite: { url: 'http://127.0.0.1:${PORT}/vite/', deepPeriod: '1s' } },
    frames: {
      websocket: {
        url: at('frames').replace('http:', 'ws:'),
        headers,
        send: JSON.stringify({ token: plainCanary('message'), of: '${C_WORD}' }),
        expect: canary('expected'),
      },
    },
    handshake: {
      websocket: {
        url: at('handshake').replace('http:', 'ws:'),
        headers,
        protocol: `bearer.${plainCanary('protocol')}`,
      },
    },
    command: {
      exec: {
        command: `sh ${files.check} --password ${plainCanary('argument')} ${plainCanary('word2')} \${C_VAR}`,
        env: { CHECK_ENV: canary('check') },
      },
    },
    script: { exec: ['sh', '-xc', `PGPASSWORD=${plainCanary('inline')} false`] },
    missing: { exec: `no-such-program --password=${plainCanary('missing')} \${C_VAR}` },
    oneWord: { exec: [`no-such-program --password=${plainCanary('glued')}`] },
    // These blocks are bad, and reported in full.
    quoted: { exec: `mysqladmin --password "${plainCanary('quoted')}" ping` },
    assigned: { exec: `PGPASSWORD=${plainCanary('assigned')} psql` },
    badPort: { tcp: '127.0.0.1:${C_WORD}', period: '${C_WORD}', action: '${C_VAR}' },
    badUrl: { http: { url: `http://me:${plainCanary('user')}@h/`, method: '${C_WORD}', headers } },
    badQuery: { vite: `http://h/?t=${plainCanary('base')}`, restarts: '${C_WORD}' },
    badBody: { http: { url: at('ok'), body: '/(C4N4RY.pattern/', status: '${C_WORD}' } },
  };
  const talkers = Object.entries(blocks).map(([name, block]) => ({
    name,
    script: join(home, files.talker),
    interpreter: 'sh',
    cwd: home,
    args: ['--token', plainCanary('arg')],
    env: { ...CANARY_ENV, PORT: String(port) },
    env_liveness: { ...FAST, ...block },
  }));
  const server = {
    name: 'server',
    script: join(home, files.server),
    cwd: home,
    env: { ...CANARY_ENV, PORT: String(port) },
    env_liveness: { ...FAST, http: { url: at('status'), headers } },
  };
  return [server, ...talkers];
}
