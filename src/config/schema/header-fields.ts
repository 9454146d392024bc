import * as z from 'zod';
import { badSetting, show } from '../bad-value.ts';
import { evenWhenInvalid, setting, VALUE_FREE } from '../section.ts';

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The schema of the headers of a request. */
export const headersSchema = z
  .record(z.string(), setting(parseHeaderValue, { type: 'string' }), {
    error: ({ input }) =>
      `got ${typeof input === 'string' ? 'a text' : show(input)}; write an object, like { accept: 'text/html' }`,
  })
  .superRefine((value, context) => {
    for (const name of Object.keys(value).filter((key) => !HEADER_NAME.test(key))) {
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'is not the name of a header',
        params: { ...VALUE_FREE },
      });
    }
  }, evenWhenInvalid);

/** Values are never shown, because they may be tokens. */
function parseHeaderValue(input: unknown): string {
  if (typeof input !== 'string') throw badSetting(`got a ${typeof input}; write a text`);
  if (HEADER_VALUE.test(input)) return input;
  throw badSetting(
    'contains a character that is not allowed in a header; drop line breaks and encode it',
  );
}
