import type { Value } from './value-text.ts';

/** What is known of one dev server. */
export interface Framework {
  /** Its command, and the package that brings it. */
  readonly command: string;
  /** Where the package has its program, in case it is not installed yet. */
  readonly program: string;
  /** What follows the command for a dev server; none where the bare command is one. */
  readonly subcommand: string | null;
  readonly defaultPort: number;
  /** The words that set the port; none where PORT does. */
  readonly portWords: (port: number) => readonly string[];
  readonly env: (port: number) => Readonly<Record<string, string>>;
  /** What is asked of it. */
  readonly block: (url: string) => Readonly<Record<string, Value>>;
}

/**
 * A dev server that answers 500 while the source is broken is well: a restart would not mend the
 * source. Whether it answers at all is what can be asked.
 */
const anyAnswer = (url: string): Record<string, Value> => ({ http: { url, status: '200-599' } });

/** Those that `init` knows, in the order in which they are looked for: Astro brings Vite along. */
export const FRAMEWORKS: readonly Framework[] = [
  {
    command: 'next',
    program: 'dist/bin/next',
    subcommand: 'dev',
    defaultPort: 3000,
    portWords: (port) => ['-p', String(port)],
    env: () => ({}),
    block: anyAnswer,
  },
  {
    command: 'react-scripts',
    program: 'bin/react-scripts.js',
    subcommand: 'start',
    defaultPort: 3000,
    portWords: () => [],
    // CI: else it ends when its stdin does.
    env: (port) => ({ PORT: String(port), BROWSER: 'none', CI: 'true' }),
    block: (url) => ({ http: url }),
  },
  {
    command: 'astro',
    program: 'astro.js',
    subcommand: 'dev',
    defaultPort: 4321,
    portWords: (port) => ['--port', String(port)],
    env: () => ({}),
    block: anyAnswer,
  },
  {
    command: 'vite',
    program: 'bin/vite.js',
    subcommand: null,
    defaultPort: 5173,
    portWords: (port) => ['--port', String(port), '--strictPort'],
    // Without it Vite 7.1 ends, with code 0, when its stdin does.
    env: () => ({ CI: 'true' }),
    block: (url) => ({ vite: url }),
  },
];

/** The framework whose command stands in a line, as a word or as the end of a path. */
export function frameworkIn(line: string): Framework | null {
  const words = line
    .split(/\s+/)
    .map((word) => word.replace(/^.*[\\/]/, '').replace(/\.[cm]?js$/, ''));
  return FRAMEWORKS.find(({ command }) => words.includes(command)) ?? null;
}
