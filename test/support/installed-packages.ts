import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The fields of a package.json that a registry needs; the others are passed on unchanged. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly [field: string]: unknown;
}

/** One package in a node_modules. */
export interface Installed {
  readonly dir: string;
  readonly manifest: Manifest;
}

/** All that a package needs to run. */
export interface Stock {
  readonly packages: readonly Installed[];
  /** Optional packages that are not installed here: npm requests them, and works without them. */
  readonly absent: ReadonlySet<string>;
}

/**
 * The packages that a package needs to run, and those that these need, found as Node finds them, without
 * development packages. Throws where a required package is missing.
 */
export function runtimeStock(root: string): Stock {
  const found = new Map<string, Installed>();
  const absent = new Set<string>();
  const visit = (dir: string, manifest: Manifest): void => {
    const { dependencies, optionalDependencies, peerDependenciesMeta } = manifest;
    const optional = { ...optionalDependencies, ...peerDependenciesMeta };
    for (const name of Object.keys({ ...dependencies, ...optional })) {
      const at = find(name, dir);
      if (at !== null && found.has(at)) continue;
      if (at !== null) {
        const manifest = manifestIn(at);
        found.set(at, { dir: at, manifest });
        visit(at, manifest);
      } else if (name in optional) {
        absent.add(name);
      } else {
        throw new Error(`${name}, which ${dir} needs, is not installed; run npm ci`);
      }
    }
  };
  visit(root, manifestIn(root));
  return { packages: [...found.values()], absent };
}

/** The package.json of a folder. */
export function manifestIn(dir: string): Manifest {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Manifest; // npm wrote it
}

/** The folder of a package, from the nearest node_modules up; null where there is none. */
function find(name: string, from: string): string | null {
  const here = join(from, 'node_modules', name);
  if (existsSync(join(here, 'package.json'))) return here;
  const above = dirname(from);
  return above === from ? null : find(name, above);
}
