import type { CliCommand, ParsedArguments } from '../framework/command.ts';
import { usage } from '../framework/parse-arguments.ts';

/** The supervisors whose form is written. */
export const FORMATS = ['systemd', 'compose', 'kubernetes'] as const;

/** One of them. */
export type Format = (typeof FORMATS)[number];

export const exportApps: CliCommand = {
  name: 'export',
  summary: 'write apps and their probes in the form of another supervisor, and what it cannot do',
  arguments: [
    { name: 'systemd|compose|kubernetes', isRequired: true, completes: FORMATS },
    { name: 'app', isRequired: false, isMany: true, completes: 'app' },
  ],
  options: {
    file: {
      type: 'string',
      value: '<file>',
      summary: 'the apps of an ecosystem file, instead of those that PM2 runs',
    },
  },
  examples: [
    ['export systemd web > web.service', 'a unit that restarts what hangs'],
    ['export compose --file ecosystem.config.cjs', 'services with a healthcheck'],
    ['export kubernetes', 'a Deployment for each app, with its probes'],
  ],
  async run(given, io) {
    const format = formatOf(given);
    // Loaded only here: the reader of blocks takes longer to load than most commands run.
    const { runExport } = await import('./run.ts');
    return runExport(format, given, io);
  },
};

function formatOf({ words: [word = ''] }: ParsedArguments): Format {
  const format = FORMATS.find((each) => each === word);
  if (format !== undefined) return format;
  throw usage(`export: got '${word}'; write ${FORMATS.join(', ')}`);
}
