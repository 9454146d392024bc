import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { before, describe, test } from 'node:test';
import { execa } from 'execa';
import { withWalls } from '../docs/tables/lint.ts';
import { PACKAGES } from '../docs/tables/packages.ts';
import { WALLS, type Wall } from '../docs/tables/walls.ts';

const root = new URL('..', import.meta.url).pathname;
const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as Parameters<
  typeof withWalls
>[0];

/** A planted file, and the rule that must catch it; null where it breaks none. */
interface Plant {
  readonly file: string;
  readonly source: string;
  readonly rule: string | null;
}

const IMPORT = 'no-restricted-imports';

/** What is caught beside the walls. */
const OTHER: readonly Plant[] = [
  plant('verdict/d.ts', 'export const y = Math.random();', 'no-restricted-properties'),
  plant('verdict/e.ts', 'export const y = Date.now();', 'no-restricted-properties'),
  plant('time/a.ts', 'export const y = Date.now();', null),
  plant('monitor/c.ts', "export const y = process.env['X'];", 'no-process-env'),
  plant('config/load.ts', "export const y = process.env['X'];", null),
  plant('monitor/d.ts', 'export const y = process.argv;', 'no-restricted-properties'),
  plant('monitor/e.ts', 'process.exit(1);', 'no-process-exit'),
  plant('cli/a.ts', 'process.exit(1);', null),
  plant('monitor/f.ts', 'process.kill(4242);', 'no-restricted-properties'),
  plant('monitor/g.ts', 'export const { kill } = process;', 'no-restricted-properties'),
  plant('monitor/h.ts', "process['kill'](4242);", 'no-restricted-properties'),
  plant('cli/b.ts', 'process.kill(4242);', 'no-restricted-properties'),
  plant('main.ts', 'process.kill(4242);', 'no-restricted-properties'),
  plant('time/b.ts', 'process.kill(4242);', 'no-restricted-properties'),
  plant('os/signal/signal.ts', 'process.kill(4242);', null),
  plant('config/a.ts', 'export default 1;', 'no-default-export'),
  plant('os/f.ts', "import type { B } from './g.ts';\nexport type A = B;", 'no-cycle'),
  plant('os/g.ts', "import type { A } from './f.ts';\nexport type B = A;", 'no-cycle'),
];

function plant(file: string, source: string, rule: string | null): Plant {
  return { file, source, rule };
}

/** An import in one line of a planted file, and whether the walls let it pass. */
interface Line {
  readonly text: string;
  readonly what: string;
  readonly isAllowed: boolean;
}

/** All rooms beside this one and around it, and all packages, imported as values and as types. */
function linesOf(wall: Wall, file: string): readonly Line[] {
  const rooms = WALLS.filter(({ room }) => isBeside(wall.room, room)).flatMap(({ room }) => {
    const alone = wall.values.filter((each) => isIn(each, room) && !isIn(wall.room, room));
    return [...new Set([`${room}${room.endsWith('.ts') ? '' : '/x.ts'}`, ...alone.map(asFile)])];
  });
  const ours = rooms.flatMap((to) => {
    const from = posix.relative(posix.dirname(file), to);
    const specifier = from.startsWith('.') ? from : `./${from}`;
    return [
      line('', specifier, mayImport(wall, wall.values, to)),
      line('type ', specifier, mayImport(wall, [...wall.values, ...wall.types], to)),
    ];
  });
  const packages = Object.entries(PACKAGES).map(([name, owners]) =>
    line(
      '',
      name,
      owners.some((owner) => isIn(file, owner)),
    ),
  );
  return [...ours, ...packages, line('', 'node:fs', !wall.isPure)];
}

function line(type: 'type ' | '', from: string, isAllowed: boolean): Line {
  const text = `import ${type}{ x as x0 } from '${from}';`;
  return { text, what: `${type}${from}`, isAllowed };
}

function asFile(room: string): string {
  return room.endsWith('.ts') ? room : `${room}/x.ts`;
}

function isIn(path: string, room: string): boolean {
  return path === room || path.startsWith(`${room}/`);
}

/** True for a room that is not in this one, and that is in `src` or in a room around this one. */
function isBeside(room: string, other: string): boolean {
  const parent = posix.dirname(other);
  return other !== room && (parent === '.' || (parent !== room && isIn(room, parent)));
}

/** A file directly in a room around this one counts as of that room alone. */
function mayImport(wall: Wall, allowed: readonly string[], to: string): boolean {
  return allowed.some((room) =>
    isIn(wall.room, room) ? posix.dirname(to) === room : isIn(to, room),
  );
}

/** Where a file of this room may stand; a room in `src` speaks for folders without a row as well. */
function placesOf(room: string): readonly string[] {
  const owned = Object.values(PACKAGES)
    .flat()
    .filter((file) => file.endsWith('.ts') && posix.dirname(file) === room);
  if (room.endsWith('.ts')) return [room];
  return [`${room}/n.ts`, ...(room.includes('/') ? [] : [`${room}/new/n.ts`]), ...owned];
}

const WALLED = WALLS.flatMap((wall) =>
  placesOf(wall.room).map((file) => ({ file, lines: linesOf(wall, file) })),
);

/** What the linter says of these files, as `file:line (rule)`. */
async function lint(
  files: readonly (readonly [file: string, source: string])[],
): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'pl-walls-'));
  try {
    await copyFile(join(root, '.oxlintrc.json'), join(dir, '.oxlintrc.json'));
    await symlink(join(root, 'node_modules'), join(dir, 'node_modules'), 'junction');
    for (const [file, source] of files) {
      const path = join(dir, 'src', file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, `${source}\n`);
    }
    const { stdout } = await execa(
      process.execPath,
      [join(root, 'node_modules/oxlint/bin/oxlint'), '--format=unix', 'src'],
      { cwd: dir, reject: false, maxBuffer: 64 * 1024 * 1024 },
    );
    return [...stdout.matchAll(/^src\/(.+?):(\d+):\d+: .*?\(?([a-z-]+)\)?\]?$/gm)].map(
      ([, file, at, rule]) => `${file}:${at} ${rule}`,
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

describe('the walls of .oxlintrc.json', () => {
  let found: ReadonlySet<string>;

  before(async () => {
    const files = WALLED.map(({ file, lines }) => {
      const texts = lines.map(({ text }, n) => text.replace('x0', `x${n}`));
      return [file, texts.join('\n')] as const;
    });
    found = new Set(await lint(files));
  });

  test('are those of docs/tables/walls.ts', () => {
    assert.deepEqual(config, withWalls(config), 'run `npm run docs`');
  });

  for (const { file, lines } of WALLED) {
    test(`stop in src/${file} what they should, and nothing else`, () => {
      for (const [n, { what, isAllowed }] of lines.entries()) {
        const isStopped = found.has(`${file}:${n + 1} ${IMPORT}`);
        assert.equal(isStopped, !isAllowed, `${isAllowed ? 'stopped' : 'passed'}: ${what}`);
      }
    });
  }

  test('are there for every folder and file of src', () => {
    const entries = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true });
    const folders = entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => posix.relative(join(root, 'src'), posix.join(entry.parentPath, entry.name)));
    const files = entries.filter(
      (entry) => entry.isFile() && entry.parentPath === join(root, 'src'),
    );
    const rooms = [...folders, ...files.map(({ name }) => name)].toSorted();
    assert.deepEqual(WALLS.map(({ room }) => room).toSorted(), rooms);
  });

  test('name rooms that are there', () => {
    for (const { room, values, types } of WALLS) {
      for (const each of [...values, ...types]) {
        assert.ok(existsSync(join(root, 'src', each)), `${room}: ${each}`);
        assert.ok(!isIn(each, room), `${room}: ${each}`);
      }
    }
  });

  test('mistake no folder in a room for a room that it must not import', () => {
    for (const { room, values, types } of WALLS.filter((wall) => !wall.room.includes('/'))) {
      for (const { room: inner } of WALLS.filter((each) => posix.dirname(each.room) === room)) {
        const name = posix.basename(inner);
        const namesake = WALLS.some((each) => each.room === name);
        assert.ok(!namesake || [...values, ...types].includes(name), inner);
      }
    }
  });
});

describe('the linter', () => {
  let found: ReadonlySet<string>;

  before(async () => {
    found = new Set(await lint(OTHER.map(({ file, source }) => [file, source])));
  });

  for (const { file, source, rule } of OTHER) {
    test(`${rule === null ? 'lets pass' : 'catches'}, in src/${file}: ${source.split('\n')[0]}`, () => {
      const rules = [...found].filter((each) => each.startsWith(`${file}:`));
      if (rule === null) assert.deepEqual(rules, []);
      else
        assert.ok(
          rules.some((each) => each.endsWith(` ${rule}`)),
          rules.join(),
        );
    });
  }
});
