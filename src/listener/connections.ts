import type { Socket } from 'node:net';
import type { ListenerLimits } from './limits.ts';

/**
 * The open connections. One more than the limit ends the one that has been idle for longest: a slow client can
 * wait, but it cannot keep others out.
 */
export class Connections {
  readonly #limits: ListenerLimits;
  /** With the number of requests that wait for their answer; who was idle for longest comes first. */
  readonly #plain = new Map<Socket, number>();
  readonly #streams = new Set<Socket>();

  constructor(limits: ListenerLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#plain.size + this.#streams.size;
  }

  add(socket: Socket): void {
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#plain.delete(socket);
      this.#streams.delete(socket);
    });
    socket.setTimeout(this.#limits.idleMs, () => {
      if (!this.#streams.has(socket)) socket.destroy();
    });
    if (this.#plain.size >= this.#limits.connections && !this.#endIdle()) {
      return void socket.destroy();
    }
    this.#plain.set(socket, 0);
  }

  /** Counts a request. False where the connection has too many that wait; it is ended then. */
  begin(socket: Socket): boolean {
    const waiting = this.#plain.get(socket);
    if (waiting === undefined || waiting >= this.#limits.pipelined) {
      socket.destroy();
      return false;
    }
    this.#plain.set(socket, waiting + 1);
    return true;
  }

  /** A request was answered, or its client is gone. */
  end(socket: Socket): void {
    const waiting = this.#plain.get(socket);
    if (waiting === undefined) return;
    // To the end of the line.
    this.#plain.delete(socket);
    this.#plain.set(socket, Math.max(0, waiting - 1));
  }

  /**
   * The connection carries events from now on, and no more requests. One more than the limit ends the oldest: a phone
   * that changes its network leaves a stream behind that nobody reads, and a page that is still read connects again.
   */
  toStream(socket: Socket): void {
    const [oldest] = this.#streams;
    if (oldest !== undefined && this.#streams.size >= this.#limits.streams) {
      this.#streams.delete(oldest);
      oldest.destroy();
    }
    this.#plain.delete(socket);
    this.#streams.add(socket);
  }

  closeAll(): void {
    for (const socket of [...this.#plain.keys(), ...this.#streams]) socket.destroy();
  }

  #endIdle(): boolean {
    for (const [socket, waiting] of this.#plain) {
      if (waiting > 0) continue;
      this.#plain.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }
}
