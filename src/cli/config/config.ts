import { jsonText } from '../../text/json-text.ts';
import type { CliCommand, ParsedArguments } from '../framework/command.ts';
import { usage } from '../framework/parse-arguments.ts';

/** The subcommands. */
const PARTS = ['schema', 'print'] as const;

export const config: CliCommand = {
  name: 'config',
  summary: 'print the effective settings and where each comes from, or the JSON Schema',
  arguments: [
    { name: 'schema|print', isRequired: true, completes: PARTS },
    { name: 'app', isRequired: false, completes: 'app' },
  ],
  options: { json: { type: 'boolean', summary: 'print: the same as JSON' } },
  examples: [
    ['config print web', 'what applies to it, and where is it set?'],
    ['config schema', 'for an editor or your own check'],
  ],
  async run(given, io) {
    const part = partOf(given);
    // Loaded only here: the reader of blocks takes longer to load than most commands run.
    if (part === 'print') return (await import('./print.ts')).printConfig(given, io);
    const { blockJsonSchema } = await import('../../config/json-schema/json-schema.ts');
    io.out(jsonText(blockJsonSchema(), 2));
    return 0;
  },
};

/** The subcommand. Throws ERR_USAGE for another word, and for an app where none is allowed. */
function partOf({ words: [word = '', app] }: ParsedArguments): (typeof PARTS)[number] {
  const part = PARTS.find((each) => each === word);
  if (part === undefined) throw usage(`config: got '${word}'; write schema or print`);
  if (part === 'schema' && app !== undefined) {
    throw usage(`config schema: unexpected argument '${app}'; the schema is the same for all apps`);
  }
  return part;
}
