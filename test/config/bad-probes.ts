import type { BadBlock } from './bad-blocks.ts';

const url = 'http://localhost:3000/';
const wsUrl = 'ws://localhost:3000/';
const secureUrl = 'https://localhost:3000/';

/** Mistakes in tcp and exec probes. */
export const badTcpAndExec: readonly BadBlock[] = [
  {
    mistake: 'a tcp port alone',
    block: { tcp: 5432 },
    problems: ["env_liveness.tcp: got 5432; write the host too: '127.0.0.1:5432'"],
  },
  {
    mistake: 'a tcp host alone',
    block: { tcp: 'localhost' },
    problems: ["env_liveness.tcp: got 'localhost'; write a host and a port, like '127.0.0.1:3000'"],
  },
  {
    mistake: 'a socket with a port, and one without a path',
    block: { tcp: { socket: '/run/', port: 80 } },
    problems: [
      "env_liveness.tcp.socket: got '/run/'; write the path of the socket, like '/run/api.sock' (from the app's folder: './api.sock')",
      'env_liveness.tcp.port: unknown key; the keys here are socket',
    ],
  },
  {
    mistake: 'a socket that is too long, and one in the way of a proxy',
    block: { http: { url: 'http://unix:/run/api.sock:/health', socket: `/${'x'.repeat(107)}` } },
    problems: [
      "env_liveness.http.url: got 'http://unix:/run/api.sock:/health'; write { socket: '/run/api.sock', url: 'http://localhost/health' }",
      `env_liveness.http.socket: got '/${'x'.repeat(59)}…'; write a path of at most 107 bytes: the system takes no longer one`,
    ],
  },
  {
    mistake: 'a tcp URL',
    block: { tcp: 'tcp://localhost:80' },
    problems: [
      "env_liveness.tcp: got 'tcp://localhost:80'; write 'host:port', without the protocol",
    ],
  },
  {
    mistake: 'a URL with a password where an address is wanted',
    block: { tcp: 'postgres://me:secret@db:5432/x' },
    problems: [
      "env_liveness.tcp: got 'postgres://…@db:5432/x'; write 'host:port', without the protocol",
    ],
  },
  {
    mistake: 'IPv6 without brackets',
    block: { tcp: '::1:80' },
    problems: ["env_liveness.tcp: got '::1:80'; write a host and a port, like '[::1]:80'"],
  },
  {
    mistake: 'a port out of range',
    block: { tcp: { host: 'localhost', port: 65536 } },
    problems: ['env_liveness.tcp.port: got 65536; write a port from 1 to 65535'],
  },
  {
    mistake: 'no host',
    block: { tcp: { port: 80 } },
    problems: [
      "env_liveness.tcp.host: missing; write a host name or address, like '127.0.0.1' or '::1'",
    ],
  },
  {
    mistake: 'a wildcard as the host to connect to',
    block: { tcp: '0.0.0.0:80' },
    problems: [
      "env_liveness.tcp: got '0.0.0.0'; that is for listening, not for connecting; write '127.0.0.1'",
    ],
  },
  {
    mistake: 'half an address',
    block: { tcp: '127.0.0:80' },
    problems: [
      "env_liveness.tcp: got '127.0.0'; write a host name or address, like '127.0.0.1' or '::1'",
    ],
  },
  {
    mistake: 'an empty command',
    block: { exec: '  ' },
    problems: ["env_liveness.exec: got '  '; write the command to run"],
  },
  {
    mistake: 'a command as a number',
    block: { exec: 5 },
    problems: ["env_liveness.exec: got 5; write 'command arg' or ['command', 'arg']"],
  },
  {
    mistake: 'a pipe in a command',
    block: { exec: 'ps ax | grep web' },
    problems: [
      "env_liveness.exec: got '|' in a command, but no shell runs this; write ['command', 'arg one'], or ['sh', '-c', '…'] for a shell",
    ],
  },
  {
    mistake: 'quotes in a command',
    block: { exec: 'psql -c "select 1"' },
    problems: [
      "env_liveness.exec: got '\"' in a command, but quotes are not read; write ['command', 'arg one'], or ['sh', '-c', '…'] for a shell",
    ],
  },
  {
    mistake: 'a number as an argument',
    block: { exec: ['sleep', 1] },
    problems: ['env_liveness.exec: got 1 as item 2 of the command; write it as text'],
  },
  {
    mistake: 'exec without a command',
    block: { exec: { cwd: '/srv' } },
    problems: ["env_liveness.exec.command: missing; write 'command arg' or ['command', 'arg']"],
  },
  {
    mistake: 'exec with a bad folder and bad variables',
    block: { exec: { command: 'true', cwd: '', env: { A: 5, 'B-C': 'x' } } },
    problems: [
      "env_liveness.exec.cwd: got ''; write a folder, like './checks'",
      'env_liveness.exec.env.A: got a number; write a text',
      "env_liveness.exec.env['B-C']: is not the name of an environment variable",
    ],
  },
];

/** Mistakes in websocket and heartbeat probes. */
export const badWebSocketAndHeartbeat: readonly BadBlock[] = [
  {
    mistake: 'a heartbeat without a unit',
    block: { heartbeat: 5 },
    problems: ["env_liveness.heartbeat: got 5; write '5s' or '5ms'"],
  },
  {
    mistake: 'a heartbeat that is too fast',
    block: { heartbeat: '10ms' },
    problems: ["env_liveness.heartbeat: got '10ms'; write at least '100ms'"],
  },
  {
    mistake: 'a heartbeat that says nothing for a day',
    block: { heartbeat: { every: '1d' } },
    problems: ["env_liveness.heartbeat.every: got '1d'; write at most '1h'"],
  },
  {
    mistake: 'a heartbeat with the key of another world',
    block: { heartbeat: { interval: '5s' } },
    problems: [
      "env_liveness.heartbeat.every: missing; write a number with a unit (ms, s, m, h or d), like '5s'",
      'env_liveness.heartbeat.interval: unknown key; the keys here are every',
    ],
  },
  {
    mistake: 'a heartbeat beside another probe',
    block: { heartbeat: '5s', http: url },
    problems: ['env_liveness: has http and heartbeat; write exactly one of them'],
  },
  {
    mistake: 'a misspelled heartbeat',
    block: { heart_beat: '5s', tcp: 'localhost:1' },
    problems: ["env_liveness.heart_beat: unknown key; did you mean 'heartbeat'?"],
  },
  {
    mistake: 'an http URL in place of a ws one',
    block: { websocket: url },
    problems: [
      "env_liveness.websocket: got 'http://localhost:3000/'; write a URL with 'ws://' or 'wss://'",
    ],
  },
  {
    mistake: 'a ws URL without its protocol',
    block: { websocket: 'localhost:3000' },
    problems: [
      "env_liveness.websocket: got 'localhost:3000'; write it with its protocol, like 'ws://127.0.0.1:3000/'",
    ],
  },
  {
    mistake: 'websocket without a URL, and a number',
    block: { websocket: { send: 5 } },
    problems: [
      "env_liveness.websocket.url: missing; write a URL, like 'ws://127.0.0.1:3000/'",
      'env_liveness.websocket.send: got a number; write a text',
    ],
  },
  {
    mistake: 'two subprotocols, and headers of the handshake',
    block: {
      websocket: {
        url: wsUrl,
        protocol: 'a, b',
        headers: { 'Sec-WebSocket-Protocol': 'a', Upgrade: 'websocket' },
      },
    },
    problems: [
      "env_liveness.websocket.protocol: got 'a, b'; write one subprotocol, like 'graphql-transport-ws'",
      "env_liveness.websocket.headers['Sec-WebSocket-Protocol']: is written by the probe itself; drop it (a subprotocol goes into `protocol`)",
      'env_liveness.websocket.headers.Upgrade: is written by the probe itself; drop it (a subprotocol goes into `protocol`)',
    ],
  },
  {
    mistake: 'a message that is too long, and an empty one expected',
    block: { websocket: { url: wsUrl, send: 'x'.repeat(16_385), expect: '' } },
    problems: [
      'env_liveness.websocket.send: got more than 16384 bytes; write a shorter text',
      "env_liveness.websocket.expect: got ''; write a text to find; every answer contains the empty text",
    ],
  },
  {
    mistake: 'TLS settings of a ws URL, and a key of another probe',
    block: { websocket: { url: wsUrl, servername: 'a.example', status: 101 } },
    problems: [
      'env_liveness.websocket.status: unknown key; the keys here are url, socket, protocol, send, expect, headers, ca, certFile, servername, rejectUnauthorized',
      'env_liveness.websocket.servername: is for wss only; write a wss URL, or drop it',
    ],
  },
  {
    mistake: 'a misspelled websocket probe',
    block: { webSocket: wsUrl },
    problems: [
      "env_liveness.webSocket: unknown key; did you mean 'websocket'?",
      "env_liveness: has no probe; write tcp, http, vite, exec, websocket or heartbeat, like tcp: '127.0.0.1:3000'",
    ],
  },
];

/** Mistakes in http and vite probes. */
export const badHttpAndVite: readonly BadBlock[] = [
  {
    mistake: 'a URL without its protocol',
    block: { http: 'localhost:3000/health' },
    problems: [
      "env_liveness.http: got 'localhost:3000/health'; write it with its protocol, like 'http://127.0.0.1:3000/'",
    ],
  },
  {
    mistake: 'a URL of another protocol',
    block: { http: 'ftp://localhost/' },
    problems: [
      "env_liveness.http: got 'ftp://localhost/'; write a URL with 'http://' or 'https://'",
    ],
  },
  {
    mistake: 'a URL with a port out of range',
    block: { http: 'http://me:secret@localhost:99999/?token=secret' },
    problems: [
      "env_liveness.http: got 'http://…@localhost:99999/?…'; not a URL; check host and port, like 'http://127.0.0.1:3000/'",
    ],
  },
  {
    mistake: 'a URL with a password',
    block: { http: { url: 'http://me:secret@localhost:3000/' } },
    problems: [
      "env_liveness.http.url: got a URL with a user name or password; write headers: { authorization: 'Basic …' }",
    ],
  },
  {
    mistake: 'a URL with a fragment',
    block: { http: 'http://localhost:3000/#/health' },
    problems: [
      "env_liveness.http: got 'http://localhost:3000/#/health'; drop the part from '#' on, it is never sent",
    ],
  },
  {
    mistake: 'a URL of a wildcard address',
    block: { http: 'http://[::]:3000/' },
    problems: [
      "env_liveness.http: got 'http://[::]:3000/'; its host is for listening, not for connecting; write '[::1]' as the host",
    ],
  },
  {
    mistake: 'http without a URL',
    block: { http: { status: 200 } },
    problems: ["env_liveness.http.url: missing; write a URL, like 'http://127.0.0.1:3000/'"],
  },
  {
    mistake: 'a method that changes things',
    block: { http: { url, method: 'DELETE' } },
    problems: ["env_liveness.http.method: got 'DELETE'; write 'GET', 'HEAD', 'OPTIONS' or 'POST'"],
  },
  {
    mistake: 'a status of the wrong form',
    block: { http: { url, status: '2xx' } },
    problems: ["env_liveness.http.status: got '2xx'; write '200-299'"],
  },
  {
    mistake: 'a status in quotes',
    block: { http: { url, status: [204, '304'] } },
    problems: ["env_liveness.http.status: got '304'; write 304, without quotes"],
  },
  {
    mistake: 'a status out of range',
    block: { http: { url, status: 20 } },
    problems: ["env_liveness.http.status: got 20; write a status, like 200 or '200-299'"],
  },
  {
    mistake: 'a status range upside down',
    block: { http: { url, status: '399-200' } },
    problems: ["env_liveness.http.status: got '399-200'; write the lower one first: '200-399'"],
  },
  {
    mistake: 'no status at all',
    block: { http: { url, status: [] } },
    problems: ["env_liveness.http.status: got []; write a status, like 200 or '200-299'"],
  },
  {
    mistake: 'a RegExp that PM2 made an empty object',
    block: { http: { url, body: {} } },
    problems: [
      "env_liveness.http.body: got {}; PM2 passes settings as JSON, which loses a RegExp; write a text, '/ready/i' or { regex: 'ready' }",
    ],
  },
  {
    mistake: 'an empty text to find',
    block: { http: { url, body: '' } },
    problems: [
      "env_liveness.http.body: got ''; write a text to find; every answer contains the empty text",
    ],
  },
  {
    mistake: 'a text that is too long to look for',
    block: { http: { url, body: 'x'.repeat(1_001) } },
    problems: [
      'env_liveness.http.body: has more than 1000 characters; write a shorter text or expression',
    ],
  },
  {
    mistake: 'a regular expression that is too long to be compiled',
    block: { http: { url, body: { regex: '(a|b)'.repeat(201) } } },
    problems: [
      'env_liveness.http.body: has more than 1000 characters; write a shorter text or expression',
    ],
  },
  {
    mistake: 'a regular expression that takes long to be compiled',
    block: { http: { url, body: { regex: '\\p{RGI_Emoji}'.repeat(9), flags: 'v' } } },
    problems: [
      'env_liveness.http.body: got a text that is not shown; use \\p{…} no more than 8 times',
    ],
  },
  {
    mistake: 'a regular expression that is none',
    block: { http: { url, bodyNot: '/(/' } },
    problems: [
      "env_liveness.http.bodyNot: got '/(/'; that is not a valid JavaScript regular expression; correct it",
    ],
  },
  {
    mistake: 'a text that looks like a regular expression',
    block: { http: { url, body: '/api/users' } },
    problems: [
      "env_liveness.http.body: got '/api/users'; use only the flags i, m, s, u and v; to find this text write '/\\/api\\/users/'",
    ],
  },
  {
    mistake: 'an unknown key beside regex',
    block: { http: { url, body: { regex: 'a', flag: 'i' } } },
    problems: [
      "env_liveness.http.body: got an object; write { regex: 'ready', flags: 'i' }, both as text",
    ],
  },
  {
    mistake: 'a body of a HEAD answer',
    block: { http: { url, method: 'HEAD', body: 'ok' } },
    problems: [
      "env_liveness.http.body: the answer to HEAD has no body; write method: 'GET', or drop this",
    ],
  },
  {
    mistake: 'headers that cannot be sent, whose values stay secret',
    block: { http: { url, headers: { 'a b': 'x', c: 1234, d: 'secret\n' } } },
    problems: [
      'env_liveness.http.headers.c: got a number; write a text',
      'env_liveness.http.headers.d: contains a character that is not allowed in a header; drop line breaks and encode it',
      "env_liveness.http.headers['a b']: is not the name of a header",
    ],
  },
  {
    mistake: 'headers as text',
    block: { http: { url, headers: 'accept: text/html' } },
    problems: [
      "env_liveness.http.headers: got a text; write an object, like { accept: 'text/html' }",
    ],
  },
  {
    mistake: 'TLS settings of a URL without TLS',
    block: { http: { url, rejectUnauthorized: false } },
    problems: [
      'env_liveness.http.rejectUnauthorized: is for https only; write an https URL, or drop it',
    ],
  },
  {
    mistake: 'a certificate file that is no path',
    block: { http: { url: secureUrl, certFile: 7 } },
    problems: [
      "env_liveness.http.certFile: got 7; write the path of a PEM file, like './certs/fullchain.pem'",
    ],
  },
  {
    mistake: 'a certificate file of a URL without TLS',
    block: { http: { url, certFile: './cert.pem' } },
    problems: ['env_liveness.http.certFile: is for https only; write an https URL, or drop it'],
  },
  {
    mistake: 'a certificate file where nothing is verified',
    block: { vite: { url: secureUrl, certFile: './cert.pem', rejectUnauthorized: false } },
    problems: [
      'env_liveness.vite.certFile: has no effect with rejectUnauthorized: false, which also takes an expired certificate; drop one of them',
    ],
  },
  {
    mistake: 'a certificate file instead of its text',
    block: { http: { url: secureUrl, ca: './ca.pem', servername: '127.0.0.1' } },
    problems: [
      "env_liveness.http.ca: got './ca.pem'; write the PEM text itself: readFileSync('ca.pem', 'utf8')",
      "env_liveness.http.servername: got '127.0.0.1'; write a host name; TLS has no server names that are addresses",
    ],
  },
  {
    mistake: 'a vite base with a query',
    block: { vite: 'http://localhost:5173/?a=1' },
    problems: ["env_liveness.vite: got 'http://localhost:5173/?…'; drop the part from '?' on"],
  },
  {
    mistake: 'hot reload as a word',
    block: { vite: { url, hmr: 'true' } },
    problems: ["env_liveness.vite.hmr: got 'true'; write true, without quotes"],
  },
  {
    mistake: 'a deep check slower than its period',
    block: { vite: { url, deepPeriod: '10s', deepTimeout: '20s' } },
    problems: [
      "env_liveness.vite.deepTimeout: got '20s'; write at most deepPeriod ('10s'), or raise deepPeriod",
    ],
  },
];
