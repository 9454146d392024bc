import { frameworkIn } from '../proposal/frameworks.ts';

/** Tools whose configuration may have Vite's settings. */
type ConfigTool = 'vite' | 'astro' | 'nuxt';

/** The names that the configuration file of a tool may have; the first one found counts. */
export function configFilesOf(...tools: readonly ConfigTool[]): readonly string[] {
  return tools.flatMap((tool) =>
    ['js', 'mjs', 'ts', 'cjs', 'mts', 'cts'].map((end) => `${tool}.config.${end}`),
  );
}

const PACKAGE_MANAGER =
  /(?:^|[\\/])(npm|npx|pnpm|pnpx|yarn|bun|bunx)(?:-cli|-berry)?(?:\.(?:[cm]?js|cmd|exe))?$/;

/** The package manager (npm, npx, yarn …) of a program's path; null for any other program. */
export function packageManagerOf(program: string): string | null {
  return PACKAGE_MANAGER.exec(program)?.[1] ?? null;
}

/** True for a command line that starts a dev server: `next dev`, and not `next start`. */
export function startsDevServer(line: string): boolean {
  const framework = frameworkIn(line);
  if (framework === null) return false;
  const words = line.split(/\s+/);
  return framework.subcommand === null
    ? !words.some((word) => /^(?:build|preview|optimize)$/.test(word))
    : words.includes(framework.subcommand);
}
