import * as z from 'zod';
import type { ExecOptions } from '../../probe/probe.ts';
import { badSetting, badValue, show } from '../bad-value.ts';
import { parseCommand } from './command.ts';
import { anyTextForm, type JsonForm } from '../json-schema/form.ts';
import { evenWhenInvalid, section, setting, shorthandOr, VALUE_FREE } from '../section.ts';

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;

const commandForm: JsonForm = {
  anyOf: [
    { type: 'string', pattern: '\\S' },
    { type: 'array', items: { type: 'string' }, minItems: 1 },
  ],
};

const env = z
  .record(z.string(), setting(parseVariable, { type: 'string' }), {
    error: ({ input }) =>
      `got ${typeof input === 'string' ? 'a text' : show(input)}; write an object, like { PGUSER: 'probe' }`,
  })
  .superRefine((value, context) => {
    for (const name of Object.keys(value).filter((key) => !ENV_NAME.test(key))) {
      const message = 'is not the name of an environment variable';
      context.addIssue({ code: 'custom', path: [name], message, params: { ...VALUE_FREE } });
    }
  }, evenWhenInvalid);

const form = section(
  {
    command: setting(parseCommand, commandForm),
    cwd: setting(parseFolder, anyTextForm).exactOptional(),
    env: env.prefault({}),
  },
  "write 'command arg', ['command', 'arg'] or { command, cwd, env }",
).transform(({ command, ...rest }): ExecOptions => ({ type: 'exec', ...command, ...rest }));

/** `exec: 'node health.js'`, `exec: ['node', 'health.js']` or an object with `command`. */
export const execSchema = shorthandOr((command) => ({ command }), commandForm, form);

function parseFolder(input: unknown): string {
  if (typeof input === 'string' && input !== '' && !input.includes('\0')) return input;
  throw badValue(input, "write a folder, like './checks'");
}

/** Values are never shown, because they may be passwords. */
function parseVariable(input: unknown): string {
  if (typeof input !== 'string') throw badSetting(`got a ${typeof input}; write a text`);
  if (input.includes('\0')) throw badSetting('holds a NUL character; drop it');
  return input;
}
