import { inspect } from 'node:util';
import { HIDDEN } from './secrets.ts';

/** A text that is secret as a whole: printed, as JSON or in a message it is `…`. */
export class SecretText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Only for what uses it; never for what shows it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
