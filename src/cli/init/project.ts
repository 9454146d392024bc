import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { isRecord } from '../../config/bad-value.ts';
import { messageOf } from '../../errors.ts';
import { configFilesOf } from '../framework/dev-project.ts';
import { usage } from '../framework/parse-arguments.ts';

/** A project: its package.json and the configuration of its dev server. */
export interface Project {
  readonly dir: string;
  /** Null where there is no package.json. */
  readonly name: string | null;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: readonly string[];
  /** The text of vite.config, or of Astro's own; empty where there is neither. */
  readonly viteConfig: string;
}

const CONFIGS = configFilesOf('vite', 'astro');

/** Reads a project's folder. Throws ERR_USAGE where its package.json is not a JSON object. */
export function readProject(dir: string): Project {
  const manifest = readManifest(join(dir, 'package.json'));
  const config = CONFIGS.find((name) => existsSync(join(dir, name)));
  return {
    dir,
    name: typeof manifest?.['name'] === 'string' ? manifest['name'] : null,
    scripts: textsOf(manifest?.['scripts']),
    dependencies: ['dependencies', 'devDependencies'].flatMap((key) =>
      Object.keys(textsOf(manifest?.[key])),
    ),
    viteConfig: config === undefined ? '' : readFileSync(join(dir, config), 'utf8'),
  };
}

/** A package's folder, in node_modules of `dir` or above, as a path from `dir`; null where there is none. */
export function packageFolder(dir: string, name: string): string | null {
  for (let folder = dir; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return relative(dir, found).replaceAll('\\', '/');
    if (dirname(folder) === folder) return null;
  }
}

/** The program `command` of a package, as a path from `dir`; null where there is none. */
export function programOf(dir: string, name: string, command: string): string | null {
  const folder = packageFolder(dir, name);
  if (folder === null) return null;
  const bin = readManifest(join(dir, folder, 'package.json'))?.['bin'];
  const program = isRecord(bin) ? bin[command] : bin;
  return typeof program === 'string' ? `${folder}/${program.replace(/^\.\//, '')}` : null;
}

function readManifest(file: string): Readonly<Record<string, unknown>> | null {
  if (!existsSync(file)) return null;
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    if (isRecord(manifest)) return manifest;
  } catch (cause) {
    throw usage(`init: ${file} cannot be read: ${messageOf(cause)}`);
  }
  throw usage(`init: ${file} holds no JSON object`);
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = isRecord(value) ? Object.entries(value) : [];
  // Without a prototype, because a script may have the name `constructor`.
  const texts: Record<string, string> = Object.assign(Object.create(null), {});
  for (const [name, text] of entries) if (typeof text === 'string') texts[name] = text;
  return texts;
}
