import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const headingsOf = (path: string): readonly string[] =>
  [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => text);

/** The files with one of these endings below a folder of the project, by their path in it. */
function filesIn(folder: string, ending: RegExp): readonly string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return files
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => ending.test(file) && !file.includes('node_modules'));
}

const code = ['src', 'test', 'bench', 'docs'].flatMap((folder) => filesIn(folder, /\.[cm]?[jt]s$/));
const pages = ['README.md', 'CONTRIBUTING.md', ...filesIn('docs', /\.md$/)];

/** All that cites; not this file, which has the patterns. */
const sources = [...code, ...pages].filter((file) => !import.meta.filename.endsWith(file));

/** Rooms for what is to come (DESIGN §16). */
const PLANNED = ['listener/', 'page/'];

/** A text in one line, without what begins the lines of a comment. */
function flat(text: string): string {
  return text.replaceAll(/\n\s*(?:\*|\/\/) ?/g, ' ');
}

describe('a citation', () => {
  const sections = new Set(
    headingsOf('docs/DESIGN.md').flatMap((heading) => /^(\d+)\. /.exec(heading)?.[1] ?? []),
  );
  const facts = headingsOf('docs/FACTS.md');

  test('of DESIGN names a section that it has', () => {
    let count = 0;
    for (const file of sources) {
      for (const [all, section = ''] of flat(read(file)).matchAll(/DESIGN §(\w*)/g)) {
        assert.ok(sections.has(section), `${file}: ${all}`);
        count += 1;
      }
    }
    assert.ok(count > 30, String(count));
  });

  test('of FACTS names a heading that it has', () => {
    let count = 0;
    for (const file of [...code, ...pages].filter(
      (each) => each !== 'test/docs/citations.test.ts',
    )) {
      for (const [all, heading = ''] of flat(read(file)).matchAll(
        / \(FACTS[):]|FACTS, "([^"]*)"/g,
      )) {
        assert.ok(facts.includes(heading), `${file}: ${all}`);
        count += 1;
      }
    }
    assert.ok(count > 10, String(count));
  });
});

describe('a path', () => {
  for (const page of pages) {
    test(`in ${page} leads to a file or folder`, () => {
      const paths = [...read(page).matchAll(/`((?:[\w.-]+\/)+(?:[\w.-]+\.[cm]?[jt]s)?)`/g)];
      for (const [, path = ''] of paths) {
        if (PLANNED.includes(path)) continue;
        const ways = ['', 'src', 'docs', 'example/react-app'].map((folder) =>
          join(root, folder, path),
        );
        assert.ok(ways.some(existsSync), path);
      }
    });
  }
});
