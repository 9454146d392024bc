/** Those who hear one kind of message of PM2's bus. */
export class Listeners<Heard extends readonly unknown[]> {
  readonly #all = new Set<(...heard: Heard) => void>();

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** Returns a function that takes the listener away again. */
  add(listener: (...heard: Heard) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  call(...heard: Heard): void {
    for (const listener of this.#all) listener(...heard);
  }

  clear(): void {
    this.#all.clear();
  }
}
