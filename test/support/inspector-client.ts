import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:http';
import type { Duplex } from 'node:stream';
import { until } from './until.ts';

/** A debugger at a Node inspector, with what the tests need (Node 20 has no WebSocket). */
export class InspectorClient {
  readonly #socket: Duplex;
  #heard = '';
  #lastId = 0;

  private constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('data', (piece: Buffer) => (this.#heard += piece.toString('latin1')));
    socket.on('error', () => undefined);
  }

  /** Attaches to the program behind an inspector on 127.0.0.1. */
  static async attach(port: number): Promise<InspectorClient> {
    const list: unknown = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    const { id } = (list as { id: string }[])[0] ?? {}; // Node's own answer
    assert.ok(id, 'an inspector with one program');
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    };
    const asking = get({ host: '127.0.0.1', port, path: `/${id}`, headers, agent: false });
    const [, socket] = (await once(asking, 'upgrade')) as [unknown, Duplex];
    const client = new InspectorClient(socket);
    client.send('Runtime.enable');
    client.send('Debugger.enable');
    // A statement that is reached before would not stop the program.
    await until('the debugger is enabled', () => client.#heard.includes(`"id":${client.#lastId}`));
    return client;
  }

  /** Sends a command, and does not wait for the answer. */
  send(method: string): void {
    const text = Buffer.from(JSON.stringify({ id: (this.#lastId += 1), method }));
    assert.ok(text.length < 126, 'a short frame');
    const mask = randomBytes(4);
    const body = text.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    this.#socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length]), mask, body]));
  }

  /** How often the program has stopped for this debugger. */
  get pauses(): number {
    return this.#heard.split('"Debugger.paused"').length - 1;
  }

  /** Disconnects silently, as an editor does that is closed. */
  detach(): void {
    this.#socket.destroy();
  }
}
