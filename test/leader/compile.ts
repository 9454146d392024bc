import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A child program as plain JavaScript: started many times, it must not be compiled each time. */
export interface Compiled {
  readonly file: string;
  remove(): void;
}

/** Compiles a file below test/ with all it imports of ours; packages it may not import. */
export async function compile(file: string): Promise<Compiled> {
  const out = mkdtempSync(join(tmpdir(), 'pl-js-'));
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      outDir: out,
      rootDir: root,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: [join(root, 'test', file)],
    include: [],
  };
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  writeFileSync(join(out, 'tsconfig.json'), JSON.stringify(config));
  await execa({ preferLocal: true, localDir: root })`tsc -p ${join(out, 'tsconfig.json')}`;
  return {
    file: join(out, 'test', file.replace(/\.ts$/, '.js')),
    remove: () => rmSync(out, { recursive: true, force: true }),
  };
}
