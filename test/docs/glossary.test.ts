import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Words of which none may stand in a name, a comment or a text, and what to write instead. */
const RETIRED: Readonly<Record<string, RegExp>> = {
  'orphan, old process': /\bleft-?overs?\b|\bleftOver/i,
  execute: /\bcarryOut\b|\bPerformed\b/,
  '…Deps, …Evidence': /\b(?:Action|Monitor|Worker)Ports\b|\bGround\b/,
  'Lease, LocklessLease, tryClaim': /\bHeldSocket\b|\bUnlocked\b|\bcontest\b|\bArena\b/i,
  'StateRecorder, RestoredState': /\bKeeper\b|\bRecalled\b|\bCarried\b/,
  'IncidentRecorder, WorkerEvent': /\b[Cc]hronicle\b|\bNews\b/,
  'EarlyChecks, HeartbeatListener, HeartbeatSnapshot':
    /\bRollCall\b|\bBeats\b|\bPulse\b|\brhythm\b/,
  'sanitizeLine, keepColours, singleLine': /\bharmless\b|\bonlyColours\b/,
  'mostSevere, successor, closeGracefully, grace':
    /\bgravest\b|\bheirs?\b|\bfarewell\b|\brespite\b/i,
  'isRestartable, fix': /\bmend(?:s|ed|ing|able)?\b|unmendable/i,
  'again, wrong, from where, reads, usually':
    /\banew\b|\bamiss\b|\bwhence\b|\bheeds?\b|\bas a rule\b/i,
  who: /\bwhoever\b/i,
  'this many, that long': /\bso many\b|\bfor so long\b/i,
  checked: /\bit is looked (?:who|whether|where)\b/i,
  'reported, shown, not known': /\b(?:is|are|was|were) told\b|\bcannot be told\b|\bnobody knows\b/i,
  because: /, for (?:it|they|its|their|there|this|that|nobody|we)\b/i,
  'keeps running, without success': /\blives on\b|\bin vain\b/i,
  'not allowed to inspect, cannot be seen': /\bmay not look into\b|\bnot to be seen\b/i,
  'the operator, the user, they': /\bhe\b|\bhis\b|\bhimself\b/,
};

/** Where a retired word stays: a line goes when its file is clean. */
const ALLOWED: Readonly<Record<string, RegExp>> = {
  // On disk.
  'src/store/kept-uptime.ts': /mended/,
  'src/store/merge-memory.ts': /mended/,
  'src/uptime/figures.ts': /mended/,
};

function filesIn(folder: string, ending: RegExp): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => ending.test(file) && !file.includes('node_modules'));
}

const files = [
  'README.md',
  'CONTRIBUTING.md',
  ...filesIn('docs', /\.(?:md|ts)$/),
  ...filesIn('src', /\.ts$/),
];

/** Words of which none may be in a comment or in the title of a test, and what to write instead. */
const RETIRED_IN_COMMENTS: Readonly<Record<string, RegExp>> = {
  'incarnation, process, run': /\bli(?:fe|ves)\b/,
  'shown, reported, checked, searched':
    /\b(?:is|are|was|were|be|been) (?:told|looked (?:at|for|into|after))\b/,
  because: /, for (?:it|they|then|there|only|nobody|no)\b/,
  'forever, any, with any': /\bfor ever\b|\bwhatever\b|\bwherever\b|\bwhichever\b/,
  'fix, orphan, who': /\bmend(?:s|ed|ing)?\b|\bleft-?overs?\b|\bwhoever\b|\banew\b/,
  'the user, they': /\bhe\b|\bhis\b|\bhim\b/,
};

/** A line of a comment, or the title of a test. */
const COMMENT = /^\s*(?:\*|\/\/|\/\*\*)|[\s;{(]\/\/\s|\b(?:test|describe|it)\(['"`]/;

describe('the glossary', () => {
  for (const [instead, retired] of Object.entries(RETIRED)) {
    test(`${instead}: nothing says ${retired.source}`, () => {
      const found: string[] = [];
      for (const file of files) {
        for (const [n, line] of read(file).split('\n').entries()) {
          const isAllowed = ALLOWED[file]?.test(line) ?? false;
          if (retired.test(line) && !isAllowed) found.push(`${file}:${n + 1}: ${line.trim()}`);
        }
      }
      assert.deepEqual(found, []);
    });
  }

  for (const [instead, retired] of Object.entries(RETIRED_IN_COMMENTS)) {
    test(`${instead}: no comment and no title of a test says ${retired.source}`, () => {
      const found: string[] = [];
      for (const file of ['src', 'bench', 'test'].flatMap((each) => filesIn(each, /\.ts$/))) {
        for (const [n, line] of read(file).split('\n').entries()) {
          if (COMMENT.test(line) && retired.test(line))
            found.push(`${file}:${n + 1}: ${line.trim()}`);
        }
      }
      assert.deepEqual(found, []);
    });
  }

  test('excuses no file that needs none', () => {
    for (const [file, text] of Object.entries(ALLOWED)) assert.match(read(file), text, file);
  });

  test('has a row for each term once, and files that are there', () => {
    const rows = [...read('docs/GLOSSARY.md').matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]*) \|$/gm)];
    const terms = rows.map(([, term = '']) => term).filter((term) => term !== 'term');
    assert.ok(terms.length > 40, String(terms.length));
    assert.equal(new Set(terms).size, terms.length);
    for (const [, path = ''] of read('docs/GLOSSARY.md').matchAll(/`(src\/[^`]*)`/g)) {
      assert.ok(existsSync(join(root, path)), path);
    }
  });
});
