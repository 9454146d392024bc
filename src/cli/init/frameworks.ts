import type { Value } from './edit/value-text.ts';

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

/** What compiles before it answers burns CPU, and is given this long before it counts as hung. */
const COMPILING = { startupTimeout: '180s', busyGrace: '60s' } as const;

/** Those that `init` knows, in the order in which they are looked for: Astro brings Vite along. */
export const FRAMEWORKS: readonly Framework[] = [
  {
    command: 'next',
    program: 'dist/bin/next',
    subcommand: 'dev',
    defaultPort: 3000,
    portWords: (port) => ['-p', String(port)],
    env: () => ({}),
    block: (url) => ({
      // An error in any file has Next answer 500 everywhere, and a restart would not fix it: whether
      // it answers at all is what can be asked.
      http: { url, status: '200-599' },
      // The page itself may wait for others before it answers.
      timeout: '10s',
      ...COMPILING,
    }),
  },
  {
    command: 'react-scripts',
    program: 'bin/react-scripts.js',
    subcommand: 'start',
    defaultPort: 3000,
    portWords: () => [],
    // CI: else it ends when its stdin does.
    env: (port) => ({ PORT: String(port), BROWSER: 'none', CI: 'true' }),
    // Each answer waits for webpack's build.
    block: (url) => ({ http: url, ...COMPILING }),
  },
  {
    command: 'astro',
    program: 'astro.js',
    subcommand: 'dev',
    defaultPort: 4321,
    portWords: (port) => ['--port', String(port)],
    env: () => ({}),
    // Its dev server is Vite, and answers what Vite is asked.
    block: (url) => ({ vite: url }),
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
