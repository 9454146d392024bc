import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { listen } from './servers.ts';
import type { TestServer } from './servers.ts';

/** What a client sent, unmasked. */
interface Received {
  readonly opcode: number;
  readonly isMasked: boolean;
  readonly payload: Buffer;
}

/** A server of WebSockets that notes what it gets and answers as the test wants. */
interface WebSocketServer extends TestServer {
  readonly requests: readonly IncomingMessage[];
  readonly received: readonly Received[];
}

/** What a server does that a test does not leave to it. */
interface Behaviour {
  /** Replaces header lines of its 101; null leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Once the WebSocket is open. */
  readonly onOpen?: (socket: Socket) => void;
  /** Whether it answers a close frame; it does by default. */
  readonly isDeaf?: boolean;
  readonly onFrame?: (frame: Received, socket: Socket) => void;
}

/** A frame as a server sends it, unmasked; `first` holds the opcode and the final bit. */
export function serverFrame(first: number, payload: Buffer | string): Buffer {
  const bytes = Buffer.from(payload);
  if (bytes.length < 126) return Buffer.concat([Buffer.from([first, bytes.length]), bytes]);
  const isMiddle = bytes.length < 65_536;
  const head = Buffer.alloc(isMiddle ? 4 : 10);
  head[0] = first;
  head[1] = isMiddle ? 126 : 127;
  if (isMiddle) head.writeUInt16BE(bytes.length, 2);
  else head.writeBigUInt64BE(BigInt(bytes.length), 2);
  return Buffer.concat([head, bytes]);
}

/** A whole text message. */
export const text = (message: string): Buffer => serverFrame(0x81, message);

/** Starts one on port 0; it answers a close frame with a close frame. */
export async function webSocketServer(
  t: TestContext,
  { headers = {}, onOpen, onFrame, isDeaf = false }: Behaviour = {},
): Promise<WebSocketServer> {
  const requests: IncomingMessage[] = [];
  const received: Received[] = [];
  const server = createServer();
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    requests.push(request);
    socket.on('error', () => undefined);
    // The sockets of Node's HTTP server are left half open by their peer's end.
    socket.on('end', () => socket.end());
    socket.write(answerOf(request, headers));
    onOpen?.(socket);
    readFrames(socket, (frame) => {
      received.push(frame);
      onFrame?.(frame, socket);
      if (frame.opcode === 0x8 && !isDeaf) socket.end(serverFrame(0x88, frame.payload));
    });
  });
  return { ...(await listen(t, server)), requests, received };
}

function answerOf(
  { headers: asked }: IncomingMessage,
  own: Readonly<Record<string, string | null>>,
): string {
  const key = `${asked['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const lines: Record<string, string | null> = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': createHash('sha1').update(key).digest('base64'),
    'Sec-WebSocket-Protocol': asked['sec-websocket-protocol'] ?? null,
    ...own,
  };
  const given = Object.entries(lines).filter(([, value]) => value !== null);
  const head = given.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 101 Switching Protocols\r\n${head}\r\n`;
}

/** Frames of up to 65535 bytes, as clients send them. */
function readFrames(socket: Socket, onFrame: (frame: Received) => void): void {
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const [first = 0, second = 0] = bytes;
      const length =
        (second & 0x7f) === 126 && bytes.length > 3 ? bytes.readUInt16BE(2) : second & 0x7f;
      const maskAt = (second & 0x7f) === 126 ? 4 : 2;
      if (bytes.length < maskAt + 4 + length) return;
      const mask = bytes.subarray(maskAt, maskAt + 4);
      const masked = bytes.subarray(maskAt + 4, maskAt + 4 + length);
      const payload = Buffer.from(masked.map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
      bytes = bytes.subarray(maskAt + 4 + length);
      onFrame({ opcode: first & 0x0f, isMasked: (second & 0x80) !== 0, payload });
    }
  });
}
