import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import type { Duplex } from 'node:stream';
import { encodeFrame, FrameReader } from '../../probe/websocket/frames.ts';
import { isFields, type Fields } from '../../text/fields.ts';
import { readJson } from '../../text/read-json.ts';
import { urlHost } from '../../text/url-host.ts';

/** All that one look reads; most of it names the scripts of the app. It is the text of the app's process. */
const MOST_BYTES = 8 * 1_048_576;

/** One message. A profile of 50 ms has some ten thousand. */
const MOST_CHARACTERS = 1_048_576;

const PAUSED = '{"method":"Debugger.paused"';

/** How V8 begins to name a script; a URL with an escaped letter is not taken. */
const SCRIPT =
  /^\{"method":"Debugger\.scriptParsed","params":\{"scriptId":"(?<id>\d{1,10})","url":"(?<url>[^"\\]*)"/;
const SCRIPT_CHARS = 4_096;
const MOST_SCRIPTS = 20_000;

/** A profile has lists of objects in an object in it. */
const DEEPEST = 16;

/** Where an inspector listens, and the id of its program. */
export interface InspectorPlace {
  readonly address: string;
  readonly port: number;
  readonly target: string;
}

/**
 * A connection to a Node inspector, over which one command is sent at a time. Everything is over at a deadline: no call
 * rejects, and each gives null from then on.
 */
export class CdpConnection {
  readonly #socket: Duplex;
  readonly #reader = new FrameReader(MOST_BYTES);
  readonly #over: AbortSignal;
  readonly #scripts = new Map<string, string>();
  #lastId = 0;
  #take: (result: Fields | null) => void = () => undefined;
  #takePause: (params: Fields | null) => void = () => undefined;

  private constructor(socket: Duplex, over: AbortSignal) {
    this.#socket = socket;
    this.#over = over;
    socket.on('data', (chunk: Buffer) => this.#onChunk(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#take(null));
    over.addEventListener('abort', () => this.close(), { once: true });
  }

  /** Null where nobody opens a WebSocket there before `over` aborts. */
  static open(place: InspectorPlace, over: AbortSignal): Promise<CdpConnection | null> {
    const { address, port, target } = place;
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    };
    return new Promise((resolve) => {
      const url = `http://${urlHost(address)}:${port}/${target}`;
      const asking = get(url, { agent: false, headers, signal: over }, (answer) => {
        answer.destroy();
        resolve(null);
      });
      asking.on('error', () => resolve(null));
      asking.on('upgrade', (_answer, socket, head) => {
        const connection = new CdpConnection(socket, over);
        if (head.length > 0) connection.#onChunk(head);
        resolve(connection);
      });
    });
  }

  /** The result of a command; null where it is refused, and where none comes in time. */
  send(method: string, params: Fields = {}): Promise<Fields | null> {
    this.#lastId += 1;
    const text = JSON.stringify({ id: this.#lastId, method, params });
    return new Promise((resolve) => {
      this.#take = resolve;
      if (this.#over.aborted || this.#socket.destroyed) return resolve(null);
      this.#socket.write(encodeFrame('text', Buffer.from(text)));
    });
  }

  /** The URLs of the scripts, by their ids, as far as V8 has named them. */
  get scripts(): ReadonlyMap<string, string> {
    return this.#scripts;
  }

  /** What the next `Debugger.paused` says; null where none comes within `ms`. To be called before what pauses. */
  paused(ms: number): Promise<Fields | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), ms);
      this.#takePause = (params) => {
        clearTimeout(timer);
        resolve(params);
      };
    });
  }

  /** Idempotent. V8 goes on where it was paused. */
  close(): void {
    this.#take(null);
    this.#takePause(null);
    this.#socket.destroy();
  }

  #onChunk(chunk: Buffer): void {
    for (const frame of this.#reader.read(chunk)) {
      if (frame.kind === 'ping') this.#socket.write(encodeFrame('pong', frame.payload));
      else if (frame.kind === 'text') this.#onText(frame.text);
      else if (frame.kind !== 'pong' && frame.kind !== 'binary') this.close();
    }
  }

  #noteScript(text: string): void {
    const { id, url } = SCRIPT.exec(text.slice(0, SCRIPT_CHARS))?.groups ?? {};
    if (id !== undefined && url !== undefined && this.#scripts.size < MOST_SCRIPTS)
      this.#scripts.set(id, url);
  }

  #onText(text: string): void {
    const isPause = text.startsWith(PAUSED);
    // Of the thousands of messages that name scripts only the beginning is read.
    if (!isPause && !text.startsWith('{"id"')) return this.#noteScript(text);
    const read = readJson(text, { mostCharacters: MOST_CHARACTERS, deepest: DEEPEST });
    if (!read.ok || !isFields(read.value)) return;
    const { id, result, params } = read.value;
    if (isPause) this.#takePause(isFields(params) ? params : null);
    else if (id === this.#lastId) this.#take(isFields(result) ? result : null);
  }
}
