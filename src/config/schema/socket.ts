import { badValue } from '../bad-value.ts';
import { textForm, type JsonForm } from '../json-schema/form.ts';

/** The longest path of a Unix socket, without its end: 107 on Linux, 103 on macOS (unix(7), unix(4)). */
const LONGEST = 107;

/** A Windows pipe, which Node also takes with slashes. */
const PIPE = /^[\\/]{2}[.?][\\/]pipe[\\/]./;

/** A text that can only be the path of a socket: no address, host name or URL is like it. */
export function isSocketText(input: unknown): input is string {
  return typeof input === 'string' && /^(?:\.{0,2}\/|\\\\)/.test(input);
}

/** The path of a socket, as JSON Schema. */
export const socketForm: JsonForm = textForm('(\\.{0,2}/|\\\\\\\\).+');

/** The path of a Unix socket or of a Windows pipe; a relative one starts with `./`. Throws ERR_CONFIG. */
export function parseSocket(input: unknown): string {
  const want =
    "write the path of the socket, like '/run/api.sock' (from the app's folder: './api.sock')";
  if (!isSocketText(input) || /\0/.test(input) || input.endsWith('/')) throw badValue(input, want);
  if (PIPE.test(input)) return input;
  if (Buffer.byteLength(input) > LONGEST) {
    throw badValue(
      input,
      `write a path of at most ${LONGEST} bytes: the system takes no longer one`,
    );
  }
  return input;
}
