/** How much of a command's output is kept: the end, where the reason stands. */
const MAX_BYTES = 4 * 1024;

/** The last few KiB of a stream, however much comes. */
export class OutputTail {
  #parts: Buffer[] = [];
  #bytes = 0;

  add(part: Buffer): void {
    this.#parts.push(part.length > MAX_BYTES ? part.subarray(-MAX_BYTES) : part);
    this.#bytes += part.length;
    if (this.#bytes <= 2 * MAX_BYTES) return;
    // A copy, so that a slice does not hold on to the large buffer it came from.
    const tail = Buffer.from(Buffer.concat(this.#parts).subarray(-MAX_BYTES));
    this.#parts = [tail];
    this.#bytes = tail.length;
  }

  /** The last line that is not blank, or an empty text. */
  lastLine(): string {
    const lines = Buffer.concat(this.#parts)
      .toString('utf8')
      .split(/[\r\n]+/);
    return lines.findLast((line) => line.trim() !== '')?.trim() ?? '';
  }
}
