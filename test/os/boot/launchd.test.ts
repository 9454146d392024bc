import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import type { BootEvidence } from '../../../src/os/boot/evidence.ts';
import { SystemFiles } from '../../../src/os/boot/files.ts';
import { launchdStart } from '../../../src/os/boot/services.ts';

/** Keys of launchd.plist(5), and the element that the manual wants for each; `OnDemand` is there as the old name of `KeepAlive`. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  Label: ['string'],
  UserName: ['string'],
  KeepAlive: ['true', 'false', 'dict'],
  ProgramArguments: ['array'],
  RunAtLoad: ['true', 'false'],
  OnDemand: ['true', 'false'],
  LaunchOnlyOnce: ['true', 'false'],
  EnvironmentVariables: ['dict'],
  StandardErrorPath: ['string'],
  StandardOutPath: ['string'],
};

/** An element of XML, with its text. */
interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

/** What is used of sax, which brings no types. */
interface Sax {
  SAXParser: new (
    isStrict: boolean,
    options: { readonly trim: boolean },
  ) => { write(text: string): { close(): void } } & Record<`on${string}`, unknown>;
}

const { SAXParser } = createRequire(import.meta.url)('sax') as Sax;

/** Throws for what is not well-formed. */
function parseXml(xml: string): Element {
  const root: Element = { name: '', children: [], text: '' };
  const open = [root];
  const reader = Object.assign(new SAXParser(true, { trim: true }), {
    onerror: (error: Error) => {
      throw error;
    },
    onopentag: ({ name }: { readonly name: string }) => {
      const element = { name, children: [], text: '' };
      open.at(-1)?.children.push(element);
      open.push(element);
    },
    ontext: (text: string) => {
      const element = open.at(-1);
      if (element) element.text += text;
    },
    onclosetag: () => void open.pop(),
  });
  reader.write(xml).close();
  return root.children[0] ?? assert.fail('no element');
}

/** A `dict` of a property list: key and value in turn. */
function entriesOf({ name, children }: Element): ReadonlyMap<string, Element> {
  assert.equal(name, 'dict');
  const entries = new Map<string, Element>();
  for (let at = 0; at < children.length; at += 2) {
    const key = children[at];
    const value = children[at + 1];
    assert.ok(key?.name === 'key' && value, 'a key, and then its value');
    assert.ok(!entries.has(key.text), `${key.text} twice`);
    entries.set(key.text, value);
  }
  return entries;
}

/** PM2's own template, filled as its `startup` does. */
async function propertyList(home: string): Promise<string> {
  const pm2 = dirname(createRequire(import.meta.url).resolve('pm2/package.json'));
  const template = await readFile(join(pm2, 'lib/templates/init-scripts/launchd.tpl'), 'utf8');
  return template
    .replaceAll('%PM2_PATH%', '/srv/my app/node_modules/pm2/bin/pm2')
    .replaceAll('%NODE_PATH%', '/usr/local/bin:/usr/bin:/bin')
    .replaceAll('%USER%', 'ann')
    .replaceAll('%HOME_PATH%', `${home}/.pm2`);
}

const root = await mkdtemp(join(tmpdir(), 'pl-launchd-'));
after(() => rm(root, { recursive: true, force: true }));

test("the property list of `pm2 startup launchd` has the keys of launchd's manual, with their types", async () => {
  const plist = parseXml(await propertyList('/Users/ann'));
  assert.equal(plist.name, 'plist');
  const entries = entriesOf(plist.children[0] ?? assert.fail('no dict'));
  for (const [key, { name }] of entries) {
    assert.ok(KEYS[key]?.includes(name), `${key} is a ${name}`);
  }
  for (const key of ['Label', 'ProgramArguments', 'RunAtLoad']) assert.ok(entries.has(key), key);
  const words = entries.get('ProgramArguments')?.children.map(({ text }) => text) ?? [];
  assert.match(words.at(-1) ?? '', /pm2 resurrect$/);
  const variables = entriesOf(entries.get('EnvironmentVariables') ?? assert.fail());
  assert.equal(variables.get('PM2_HOME')?.text, '/Users/ann/.pm2');
});

test('a property list that is cut, or has a bare `&`, is not well-formed', async () => {
  const xml = await propertyList('/Users/ann');
  assert.throws(() => parseXml(xml.slice(0, -20)));
  assert.throws(() => parseXml(xml.replace('/Users/ann', '/Users/a & b')));
});

test('that property list is found as what starts PM2 for this PM2_HOME, and for no other', async () => {
  const home = '/Users/ann';
  const folder = join(root, home, 'Library/LaunchAgents');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'pm2.ann.plist'), await propertyList(home));
  const facts = { user: 'ann', home, pm2Home: `${home}/.pm2` } as BootEvidence;
  const files = new SystemFiles(root);
  const unit = `${home}/Library/LaunchAgents/pm2.ann.plist`;
  assert.deepEqual(await launchdStart(facts, files), { state: 'installed', unit });
  const other = await launchdStart({ ...facts, pm2Home: '/Users/ann/other' }, files);
  assert.equal(other.state, 'missing');
});
