import type { Value } from '../init/edit/value-text.ts';

/** What is known about one dev server. */
export interface Framework {
  /** Its command. */
  readonly command: string;
  /** The package with its program, where that is not named as the command. */
  readonly package?: string;
  /** The path of the program in the package, used where it is not installed yet. */
  readonly program: string;
  /** The subcommand that starts the dev server; null where the command alone does. */
  readonly subcommand: string | null;
  readonly defaultPort: number;
  /** The words that set the port; empty where PORT does. */
  readonly portWords: (port: number) => readonly string[];
  readonly env: (port: number) => Readonly<Record<string, string>>;
  /** The block for it. */
  readonly block: (url: string) => Readonly<Record<string, Value>>;
}

/**
 * A server that compiles before it answers uses much CPU, and gets this time before it counts as hung. Its page
 * itself may wait for other servers.
 */
export const COMPILING = { timeout: '10s', startupTimeout: '180s', busyGrace: '60s' } as const;

/** The frameworks that `init` knows, in the order of the search: Astro before Vite, which it includes. */
export const FRAMEWORKS: readonly Framework[] = [
  {
    command: 'next',
    program: 'dist/bin/next',
    subcommand: 'dev',
    defaultPort: 3000,
    portWords: (port) => ['-p', String(port)],
    env: () => ({}),
    block: (url) => ({
      // With an error in any file Next answers 500 everywhere, which a restart would not fix, so any answer
      // counts as good. Source that does not compile is reported all the same.
      http: { url, status: '100-599' },
      ...COMPILING,
    }),
  },
  {
    command: 'react-scripts',
    program: 'bin/react-scripts.js',
    subcommand: 'start',
    defaultPort: 3000,
    portWords: () => [],
    // CI: without it, it exits when its stdin closes.
    env: (port) => ({ PORT: String(port), BROWSER: 'none', CI: 'true' }),
    // Each answer waits for webpack's build.
    block: (url) => ({ http: { url, status: '100-599' }, ...COMPILING }),
  },
  {
    command: 'astro',
    program: 'astro.js',
    subcommand: 'dev',
    defaultPort: 4321,
    portWords: (port) => ['--port', String(port)],
    env: () => ({}),
    // Its dev server is Vite, and answers Vite's ping.
    block: (url) => ({ vite: url }),
  },
  {
    command: 'nuxt',
    program: 'bin/nuxt.mjs',
    subcommand: 'dev',
    defaultPort: 3000,
    portWords: (port) => ['--port', String(port)],
    env: () => ({}),
    // It answers Vite's ping too, but its pages come from another part of it, which may hang alone. Source that
    // does not compile is reported all the same, at the next probe.
    block: (url) => ({ http: { url, status: '100-599' }, ...COMPILING }),
  },
  {
    command: 'react-router',
    // The package `react-router` alone is a library, which needs no dev server of its own.
    package: '@react-router/dev',
    program: 'bin.js',
    subcommand: 'dev',
    defaultPort: 5173,
    portWords: (port) => ['--port', String(port), '--strictPort'],
    env: () => ({ CI: 'true' }),
    // Its dev server is Vite, and answers Vite's ping.
    block: (url) => ({ vite: url }),
  },
  {
    command: 'vite',
    program: 'bin/vite.js',
    subcommand: null,
    defaultPort: 5173,
    portWords: (port) => ['--port', String(port), '--strictPort'],
    // Without it Vite 7.1 exits with code 0 when its stdin closes.
    env: () => ({ CI: 'true' }),
    block: (url) => ({ vite: url }),
  },
];

/** The package of a framework's program. */
export function packageOf(framework: Framework): string {
  return framework.package ?? framework.command;
}

/** The framework whose command is in a line, as a word or as the path of its program. */
export function frameworkIn(line: string): Framework | null {
  const words = commandsIn(line);
  return FRAMEWORKS.find(({ command }) => words.includes(command)) ?? null;
}

/** Programs whose file is not named as their command, by the path in their package. */
const PROGRAMS: readonly (readonly [path: RegExp, command: string])[] = [
  [/[\\/]@react-router[\\/]dev[\\/]bin\.c?js$/, 'react-router'],
  [/[\\/]@remix-run[\\/]dev[\\/]dist[\\/]cli\.js$/, 'remix'],
  [/[\\/]webpack-cli[\\/]bin[\\/]cli\.js$/, 'webpack'],
  [/[\\/]storybook[\\/](?:dist[\\/])?bin[\\/](?:dispatcher|index)\.c?js$/, 'storybook'],
  [/[\\/]gatsby[\\/]cli\.js$/, 'gatsby'],
  [/[\\/]parcel[\\/]lib[\\/]bin\.js$/, 'parcel'],
  [/[\\/]@11ty[\\/]eleventy[\\/]cmd\.c?js$/, 'eleventy'],
  [/[\\/]serve[\\/]build[\\/]main\.js$/, 'serve'],
];

/** The words of a line; a path of a program is the command that it stands for. */
export function commandsIn(line: string): readonly string[] {
  return line
    .trim()
    .split(/\s+/)
    .map((word) => {
      const known = PROGRAMS.find(([path]) => path.test(word));
      return known?.[1] ?? word.replace(/^.*[\\/]/, '').replace(/\.[cm]?js$/, '');
    });
}
